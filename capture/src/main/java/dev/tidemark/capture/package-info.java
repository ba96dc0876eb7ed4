/**
 * Capture turns Redis's change signals into records of the log, and proves how far they reach.
 *
 * <p>Signals say only "look at this key". One thread, {@link dev.tidemark.capture.CaptureLoop}, takes them from its mailbox,
 * reads the keys on other connections, writes the states it found to {@code changes}, runs a barrier each second on every
 * watch, and publishes a tidemark for each barrier that has nothing open behind it. What may be claimed is decided in {@code
 * dev.tidemark.capture.proof}; everything here only carries messages to it and does what it says.
 *
 * <p>Towards Redis: {@link dev.tidemark.capture.Topology} names the primaries, {@link dev.tidemark.capture.SourceNodes} has
 * our connections to each of them: two {@link dev.tidemark.capture.Watcher}s, the reader of keys, the resync's walk. Towards
 * Kafka: {@link dev.tidemark.capture.LogWriter}, {@link dev.tidemark.capture.Ownership} (which shards are ours, and the epoch
 * that fences all others) and {@link dev.tidemark.capture.TidemarkFollower} (what counts).
 *
 * <p>Every capture of a source watches all of its nodes, for all shards; so any of them is the warm standby of the others. A
 * crash at any point leaves records that are true and tidemarks that are proven. The next owner claims a higher epoch and
 * goes on where the last tidemark ended, if it watched since then; else it begins with a doubt, and cures it with a resync.
 *
 * <p>Where a source's writers tell what they touch, {@link dev.tidemark.capture.JournalLink} takes the place of {@link
 * dev.tidemark.capture.WatchLink}: it reads their streams instead of Redis's signals, acknowledges them by tidemarks that
 * count, and lets a new watch cover what nobody heard.
 *
 * <p>{@link dev.tidemark.capture.SourceDefinitions} logs what is no key, FUNCTION libraries and search indexes: when they have
 * changed, and in every resync between its BEGIN and its walk. {@link dev.tidemark.capture.Refreshes} asks for resyncs that no
 * doubt asked for.
 *
 * <p>A value too large for the log goes to S3 first ({@link dev.tidemark.capture.LargeValues}): one transaction reads it into a
 * file that has no name, the file is uploaded, and only then is there an outcome that can be logged.
 */
package dev.tidemark.capture;
