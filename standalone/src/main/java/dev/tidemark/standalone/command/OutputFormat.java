package dev.tidemark.standalone.command;

/** How an answer is written. */
enum OutputFormat {
    TEXT,
    JSON
}
