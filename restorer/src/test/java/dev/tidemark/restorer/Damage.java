package dev.tidemark.restorer;

/** What may befall an object. */
enum Damage {
    DELETED,
    TRUNCATED,
    FLIPPED,
    SWAPPED
}
