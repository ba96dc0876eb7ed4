/**
 * Takes baselines: a snapshot of each primary of a source, streamed to S3 while it is read to its end.
 *
 * <p>{@link dev.tidemark.compactor.baseline.SourceSurvey} finds the primaries and a replica that gives the snapshot; {@link
 * dev.tidemark.compactor.baseline.ReplicationStream} is the bytes, or a file is. {@link
 * dev.tidemark.compactor.baseline.CopiedSnapshot} sends them on in parts while the scanner goes through them: a byte that is
 * not understood, or a checksum that does not match, and the upload is aborted. The canaries it came by date the snapshot
 * ({@link dev.tidemark.compactor.baseline.KnownBeats}); where none is known there is no baseline.
 *
 * <p>The manifest comes last and makes the baseline. A process that dies before leaves parts of an upload, which the next
 * turn aborts, or files that no manifest names. One process has the turn at a time ({@link
 * dev.tidemark.archive.BaselineTurn}); two that think they have it do no harm but to Redis's memory.
 */
package dev.tidemark.compactor.baseline;
