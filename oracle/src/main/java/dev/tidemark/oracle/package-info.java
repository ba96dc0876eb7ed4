/**
 * Proves a backup right or wrong: {@link dev.tidemark.oracle.Oracle} writes to a Redis, logs what every key then
 * held and when, and judges a restored Redis against it.
 *
 * <p><b>In:</b> a source to write to, an instant T, a lag, and a restored server. <b>Out:</b> a
 * {@link dev.tidemark.oracle.judge.Verdict}: every key under the prefix holds a state it truly had at some instant of
 * [T - lag, T], none is missing, none is extra; bytes, types and expiries equal.
 *
 * <p><b>How it can be sure.</b> Each writing thread owns its keys, so the history of a key is one sequence. In the
 * observed mode every operation travels as {@code MULTI; TIME; the operation; the state of every key it may touch;
 * TIME; EXEC}: the state is what Redis itself says, at an instant between Redis's own two times. In the plain mode,
 * for load, bare commands that replace whole values are pipelined between two TIMEs. A key is marked pending before
 * a write of it is sent, and stays so until the outcome is known. An answer that is lost is made up for by reading
 * the keys again, after CLIENT KILL has made sure that the lost connection can do no more; what even that cannot
 * tell is logged as unknown, and judged as undecided, never as wrong.
 *
 * <p>Nothing here is shared with what is judged, not even the client library: a small one of its own speaks RESP2,
 * because an oracle that reads through the same code as the backup would not see that code's faults, and because
 * the writer must know exactly what was sent when a connection breaks.
 *
 * <p><b>Bounds:</b> keys per thread, bytes of history (the oldest half of a full one is forgotten, and windows that
 * reach into it are refused), one batch in flight per thread, deadlines on every wait.
 */
package dev.tidemark.oracle;
