package dev.tidemark.archive;

/** What a listing tells of an object. */
record ListedObject(String key, long sizeBytes) {}
