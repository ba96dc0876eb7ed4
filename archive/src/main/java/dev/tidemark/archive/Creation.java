package dev.tidemark.archive;

/** How a create-only write ended. */
public enum Creation {
    /** The object is there and it is ours. */
    CREATED,
    /** Another writer's object was there first and stays. */
    EXISTS
}
