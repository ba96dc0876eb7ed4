/**
 * Restores a source to any moment that is proven, into a Redis.
 *
 * <p>{@link dev.tidemark.restorer.Restorer} first surveys: progress, then LIST and HEAD of the segments, then, if it can
 * be had within seconds, the tail of the log in Kafka. The pure planner ({@code plan}) says from that which times can be
 * restored and what a restore to one of them reads. S3 alone is enough; Kafka and the source may be gone.
 *
 * <p>A restore validates everything that can be validated before its first write: every object is there as planned, its
 * keys fit the memory that was granted, the target is a reachable, empty, unlocked primary and not the captured source.
 * Then each shard is read from the newest row to the oldest, so that each key is written once; a file is compared with
 * its checksum before a row of it is used. At the end the target is read back and compared with the archive's own
 * account ({@code proof}).
 *
 * <p>A crash leaves a target that is partly filled, and a lock in it that names the run: the next run refuses it unless
 * it is told to replace what is there. A key is written first and given its expiry right after, so what a crash in
 * between leaves lives too long in a target that is void anyway, and never a key half there: an expiry that came first
 * could end a large hash between two parts of it.
 */
package dev.tidemark.restorer;
