package dev.tidemark.archive;

/** What became of an object that was deleted. */
enum Deletion {
    GONE,
    /** The bucket keeps versions: the object is hidden, and its bytes stay until a rule of the bucket removes them. */
    HIDDEN
}
