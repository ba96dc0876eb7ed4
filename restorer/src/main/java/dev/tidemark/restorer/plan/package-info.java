/**
 * Decides what can be restored and from what: data in, data out, no clock, no I/O.
 *
 * <p>In comes what LIST and HEAD tell of a shard ({@link dev.tidemark.restorer.plan.ShardArchive}): its segments, its
 * progress and, if Kafka could be asked, the tail of its log. {@link dev.tidemark.restorer.plan.Coverage} says which
 * offsets are there without hole or overlap; a claim counts where everything from its base to its offset is. Out comes
 * which times are restorable, from the log alone or from a baseline and what came after it ({@link dev.tidemark.restorer.plan.RestorableTimes}), or what a restore to one of them
 * reads ({@link dev.tidemark.restorer.plan.PlanOutcome}). What is missing is named, never stepped over.
 *
 * <p>{@link dev.tidemark.restorer.plan.StateAt} then turns rows, newest block first, into the state of each key at that
 * time.
 */
package dev.tidemark.restorer.plan;
