/**
 * The pure part of the oracle: what a key held and when ({@link dev.tidemark.oracle.judge.KeyHistory}), and whether a
 * state found in a restored Redis is one of those it truly had
 * ({@link dev.tidemark.oracle.judge.Judge}). No I/O and no clock: every time comes in as microseconds of the source's
 * own clock.
 *
 * <p>What is promised: a state the key truly had in the window is never called wrong, and a state the history rules
 * out is never called right. What lies between is the uncertainty of the writes' own instants: a write known only to
 * lie in [a, b] may have happened at any instant of it, both ends included. Where even the state is not known (an
 * answer that was lost and can never be asked for again), the judgement is "undecided", and is counted.
 */
package dev.tidemark.oracle.judge;
