/**
 * Restores a source to any moment that is proven: into a Redis, into a snapshot file, or as the primary of a replica.
 *
 * <p>{@link dev.tidemark.restorer.Restorer} first surveys: progress, then LIST and HEAD of the segments, then, if it can
 * be had within seconds, the tail of the log in Kafka, and the manifests of baselines. The pure planner ({@code plan}) says from that which times can be
 * restored and what a restore to one of them reads. S3 alone is enough; Kafka and the source may be gone.
 *
 * <p>A restore validates everything that can be validated before its first write: every object is there as planned, a
 * baseline is read to its end, the target is a reachable, empty, unlocked primary and not the captured source. (Of a snapshot file, which
 * has no name until it is whole, the baseline is proven while it is written.)
 * Then each shard is read from the newest row to the oldest, so that each key is written once, and last the baseline, if
 * the plan starts from one, for the keys that no row told of; a file is compared with
 * its checksum before a row of it is used. At the end the target is read back and compared with the archive's own
 * account ({@code proof}).
 *
 * <p>There is one engine for every way in: a {@code RestoreRun} is what is read, {@code PlannedState} hands on each key
 * once, a {@code KeySink} takes it. A snapshot file gets its name when it was read back and proven. A replica gets the same
 * bytes as its first synchronisation, acknowledges that it has loaded them, and is read back like any other target.
 *
 * <p>Large values lie on S3 beside the segments. Which of them are needed is only known from the rows, so a plan with any is
 * read once more before the first write, and what is missing by HEAD stops it there. Each then passes through a file on
 * the local disk, compared with its checksum before a byte is sent, so that neither this process nor the proof ever holds
 * one in memory. FUNCTION libraries come before the first key and are refused first where they conflict; search indexes are
 * made after the last key, and filled before the proof ({@code SearchIndexes}).
 *
 * <p>A crash leaves a target that is partly filled, and a lock in it that names the run: the next run refuses it unless
 * it is told to replace what is there. A key is written first and given its expiry right after, so what a crash in
 * between leaves lives too long in a target that is void anyway, and never a key half there: an expiry that came first
 * could end a large hash between two parts of it. What it leaves of a large string bears a reserved name, and the proof of
 * the next restore into that target deletes it.
 */
package dev.tidemark.restorer;
