package dev.tidemark.archive;

/** What the store said to one attempt at a create-only write; how the write ended is a {@link Creation}. */
public enum PutAnswer {
    /** It took the object. */
    ACCEPTED,
    /** 412: there is an object, another's or the one of an attempt of ours whose answer was lost. */
    TAKEN,
    /** 409: another write of this key is under way; ours is tried again. */
    CONFLICT,
    /** No answer, or one that leaves open what became of the object; it is read back. */
    UNKNOWN,
    /** It took nothing, and said so. */
    REFUSED
}
