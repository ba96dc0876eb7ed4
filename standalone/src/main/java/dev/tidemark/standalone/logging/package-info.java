/**
 * The log: one line of key=value pairs an event, on standard error. Libraries are heard from warnings on.
 */
package dev.tidemark.standalone.logging;
