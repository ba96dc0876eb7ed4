package dev.tidemark.capture;

import dev.tidemark.schemas.settings.CaptureSettings;
import java.util.OptionalLong;

/**
 * How fast one walk through a node's keys may go: so many keys a second and so many bytes, of which the walk itself sees
 * none. Each key is taken to be as large as the values read last were on average, so a wrong guess is soon made good.
 */
final class ResyncPace {
    private final int keysPerSecond;
    private final long bytesPerSecond;
    private final long startedNanos;
    private long keys;
    private double bytes;

    ResyncPace(CaptureSettings settings, long nowNanos) {
        this.keysPerSecond = settings.resyncKeysPerSecond();
        this.bytesPerSecond = settings.resyncBytesPerSecond();
        this.startedNanos = nowNanos;
    }

    /** A page of so many keys was found. */
    void took(int found, long valueBytes) {
        keys += found;
        bytes += (double) found * valueBytes;
    }

    /** Whether the next page may be asked for. */
    boolean allows(long nowNanos) {
        double seconds = (nowNanos - startedNanos) / 1e9;
        return keys <= seconds * keysPerSecond && bytes <= seconds * bytesPerSecond;
    }

    /** Until the walk ends, if it goes on as it went so far. */
    OptionalLong secondsLeft(long visited, long of, long nowNanos) {
        if (visited == 0) {
            return OptionalLong.empty();
        }
        double seconds = (nowNanos - startedNanos) / 1e9;
        return OptionalLong.of(Math.round(seconds * (of - visited) / visited));
    }
}
