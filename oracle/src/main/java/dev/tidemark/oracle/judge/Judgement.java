package dev.tidemark.oracle.judge;

/** What is to be said of one key of a restored Redis. */
public sealed interface Judgement {

    /** It holds a state it truly had in the window. */
    record Right() implements Judgement {}

    /** It is not there, and the state it had in the window has expired since, as it should. */
    record ExpiredSince() implements Judgement {}

    /** A write whose outcome nobody knows may have produced what was found. */
    record Undecided() implements Judgement {}

    record Wrong(Fault fault, String detail) implements Judgement {}
}
