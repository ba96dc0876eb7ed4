/**
 * Benchmarks as programs: how fast ours is, how fast the raw limit, and their ratio.
 *
 * <p>In: a {@link dev.tidemark.bench.BenchmarkRequest}, which says how large and how often. {@link
 * dev.tidemark.bench.Benchmarks} lists what there is; a benchmark is one class and one line there. Out: a {@link
 * dev.tidemark.bench.BenchmarkReport}, whose numbers are true whether or not they please.
 *
 * <p>A benchmark starts its own servers ({@code Ground}), fills them itself and sets capture and compactor to work on them
 * ({@code Pipeline}); it never touches anything that was there before. {@code Alternation} warms both sides up and then lets ours and the limit take turns, so that a machine
 * which grows slower meanwhile grows slower for both. {@code PlainRedis}, {@code RawLog}, {@code RawBucket} and {@code SerialSink} are the
 * limit: the least that any program could do to move the same bytes over the same connections.
 *
 * <p>What is measured is proven to have happened: a round of ours ends only when the archive itself claims every change,
 * and a raw reply of the wrong length is an error. A crash leaves nothing: servers die with their JVM, and their
 * directories are temporary.
 */
package dev.tidemark.bench;
