/**
 * The archive of a source on S3: objects in, objects out, and the Parquet form of a segment.
 *
 * <p>Writing: rows go into a {@link dev.tidemark.archive.SegmentWriter}, which gives a {@link
 * dev.tidemark.archive.SegmentFile}; {@link dev.tidemark.archive.Archive#put} sends it as one create-only request. A slot
 * is won once: whoever is told {@link dev.tidemark.archive.Creation#EXISTS} reads the winner's metadata and goes on from
 * its end. A request whose outcome is unknown (a time-out, a cut connection, a 5xx) is read back before it is repeated, so
 * a lost answer is never taken for a lost race.
 *
 * <p>Reading: {@link dev.tidemark.archive.Archive#segments} finds the segments by LIST and HEAD alone, and {@link
 * dev.tidemark.archive.Archive#rows} hands the rows of one over in order, after the whole object was compared with the
 * checksum in its metadata. What does not fit is an error that names the object; there is no shorter answer.
 *
 * <p>Hours that are over are laid together for queries: {@link dev.tidemark.archive.RollUpWriter} writes a file sorted by key,
 * {@link dev.tidemark.archive.RolledHours} sends it, and then the marker that speaks of it. A file without a marker is read
 * by nobody.
 *
 * <p>Values too large for the log lie beside the segments as blobs, named by day and checksum. They pass through a {@link
 * dev.tidemark.archive.Spool} on the local disk, in parts and ranges, and are never held in memory; what is fetched is
 * compared with its checksum before a byte of it is used.
 *
 * <p>A crash leaves nothing half-written: an object is visible whole or not at all, and nothing is ever overwritten but
 * progress, which is a lower bound, and blobs, by the same bytes.
 */
package dev.tidemark.archive;
