/**
 * What can be claimed, and when. Pure state machines: events in, decisions out, no clock and no I/O, driven by one thread.
 *
 * <ul>
 *   <li>{@link dev.tidemark.capture.proof.Watch} runs the barriers of one set of signal connections and finds the doubts.
 *   <li>{@link dev.tidemark.capture.proof.Coverage} knows what one watch has seen, how far back, and holds the touches that
 *       another watcher, or another process, may lose.
 *   <li>{@link dev.tidemark.capture.proof.OpenKeys} knows which keys are touched but not yet in the log, and since which
 *       barrier; {@link dev.tidemark.capture.proof.ShardPart} has those of one shard on one node, and the watcher that feeds
 *       them.
 *   <li>{@link dev.tidemark.capture.proof.ShardProof} joins the parts of a shard under one epoch: it leads it from a doubt
 *       through a resync to tidemarks, or straight to tidemarks where somebody watched since the last one.
 * </ul>
 *
 * <p>All watchers of a run of a node share one clock that nobody sets back, the number of commands that the node has
 * processed; a barrier's place on it is its beat. One mechanism serves a lost connection and a lost process: whoever held
 * every touch since the beat of the last tidemark that counts can go on from there.
 *
 * <p>A journal keeps its signals until {@link dev.tidemark.capture.proof.JournalPosition} says that tidemarks cover them, so
 * that a watch inherits what came before it.
 *
 * <p>A crash loses all of this state and nothing else: the next owner goes on with its own watchers, or with a doubt.
 */
package dev.tidemark.capture.proof;
