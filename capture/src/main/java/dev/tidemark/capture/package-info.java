/**
 * Capture turns Redis's change signals into records of the log, and proves how far they reach.
 *
 * <p>Signals say only "look at this key". One thread, {@link dev.tidemark.capture.CaptureLoop}, takes them from its mailbox,
 * reads the keys on other connections, writes the states it found to {@code changes}, runs a barrier each second and
 * publishes a tidemark for each barrier that has nothing open behind it. What may be claimed is decided in {@code
 * dev.tidemark.capture.proof}; everything here only carries messages to it and does what it says.
 *
 * <p>Around the loop: {@link dev.tidemark.capture.WatchLink} (the signal connections and the canary), {@link
 * dev.tidemark.capture.KeyReader} (reads of keys), {@link dev.tidemark.capture.KeyScan} (the resync's walk through the key
 * space), {@link dev.tidemark.capture.LogWriter} (Kafka) and {@link dev.tidemark.capture.Ownership} (which shards are ours,
 * and the epoch that fences all others).
 *
 * <p>A crash at any point leaves records that are true and tidemarks that are proven. The next owner claims a higher epoch,
 * begins with a doubt, and cures it with a resync.
 */
package dev.tidemark.capture;
