/**
 * What can be claimed, and when. Pure state machines: events in, decisions out, no clock and no I/O, driven by one thread.
 *
 * <ul>
 *   <li>{@link dev.tidemark.capture.proof.Watch} runs the barriers of one set of signal connections and finds the doubts.
 *   <li>{@link dev.tidemark.capture.proof.OpenKeys} knows which keys of a shard are touched but not yet in the log, and
 *       since which barrier.
 *   <li>{@link dev.tidemark.capture.proof.ShardProof} joins the two: it leads a shard from a doubt through a resync to
 *       tidemarks.
 * </ul>
 *
 * <p>A crash loses all of this state and nothing else: the next owner starts with a doubt.
 */
package dev.tidemark.capture.proof;
