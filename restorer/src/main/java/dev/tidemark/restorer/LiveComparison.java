package dev.tidemark.restorer;

import dev.tidemark.archive.Spool;
import dev.tidemark.restorer.LiveNode.Found;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.restorer.proof.Sameness;
import dev.tidemark.restorer.verify.Difference;
import dev.tidemark.restorer.verify.Differences;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Encoding;
import dev.tidemark.schemas.log.Value.Opaque;
import dev.tidemark.schemas.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Compares keys, a few at a time, as the archive knows them and as the live Redis has them. For one thread. */
final class LiveComparison {
    private static final int KEYS_A_BATCH = 128;
    private static final long BYTES_A_BATCH = 4L << 20;
    /** A batch is asked for and answered in less. */
    private static final long SOON_MILLIS = Duration.ofMinutes(10).toMillis();
    /** Before Redis 7 a server tells how long a key lives on, not until when. */
    private static final long EXPIRY_JITTER_MILLIS = 1_000;

    private final LiveRedis live;
    private final BlobSource blobs;
    private final long dumpBytesMax;
    private final Differences differences;
    private final Map<Place, Batch> batches = new HashMap<>();
    private long compared;
    private long same;
    private long expired;
    private long notCompared;

    private record Place(LiveNode node, int db) {}

    private static final class Batch {
        private final List<Change> changes = new ArrayList<>();
        private long bytes;
    }

    LiveComparison(LiveRedis live, BlobSource blobs, Settings settings, Differences differences) {
        this.live = live;
        this.blobs = blobs;
        this.dumpBytesMax = settings.restorer().bytesInFlightMax();
        this.differences = differences;
    }

    /** Takes a key that was there. */
    void add(Change change) {
        Place place = new Place(live.of(change.key()), change.db());
        if (change.value() instanceof Blob) {
            // That of a baseline can be had only as long as it is the last that was handed on.
            compare(place, List.of(change));
            return;
        }
        Batch batch = batches.computeIfAbsent(place, absent -> new Batch());
        batch.changes.add(change);
        batch.bytes += change.value().sizeBytes();
        if (batch.changes.size() == KEYS_A_BATCH || batch.bytes > BYTES_A_BATCH) {
            batches.remove(place);
            compare(place, batch.changes);
        }
    }

    /** Compares what is left. */
    void finish() {
        batches.forEach((place, batch) -> compare(place, batch.changes));
        batches.clear();
    }

    long compared() {
        return compared;
    }

    long same() {
        return same;
    }

    long expired() {
        return expired;
    }

    long notCompared() {
        return notCompared;
    }

    private void compare(Place place, List<Change> changes) {
        long beforeMillis = place.node.timeMillis();
        List<Found> found = place.node.find(place.db, changes);
        long afterMillis = place.node.timeMillis();
        for (int i = 0; i < changes.size(); i++) {
            compare(place, changes.get(i), found.get(i), beforeMillis, afterMillis);
        }
    }

    private void compare(Place place, Change change, Found found, long beforeMillis, long afterMillis) {
        compared++;
        OptionalLong diesAt =
                change.expireAtMillis().isPresent() ? change.expireAtMillis() : Sameness.diesAtMillis(change.value());
        if (diesAt.isPresent() && diesAt.getAsLong() <= afterMillis) {
            expired++;
            return;
        }
        KeyName name = new KeyName(change.db(), change.key());
        if (found.type().equals("none")) {
            differences.add(Difference.MISSING, name);
            return;
        }
        Sameness values = found.type().equals(change.value().type())
                ? values(place, change, found, beforeMillis)
                : Sameness.DIFFERENT;
        if (values == Sameness.DIFFERENT) {
            differences.add(Difference.DIFFERENT, name);
        } else if (!sameExpiry(place, change.expireAtMillis(), found.expireAtMillis(), beforeMillis, afterMillis)) {
            differences.add(Difference.TTL_DIFFERENT, name);
        } else if (values == Sameness.UNKNOWN) {
            notCompared++;
        } else {
            same++;
        }
    }

    private Sameness values(Place place, Change change, Found found, long beforeMillis) {
        if (change.value() instanceof Blob blob) {
            return large(place, change.key(), blob, found, beforeMillis);
        }
        if (found.isTooLarge()) {
            return Sameness.UNKNOWN;
        }
        return found.value()
                .map(value -> Sameness.of(change.value(), value, beforeMillis + SOON_MILLIS))
                .orElse(Sameness.DIFFERENT);
    }

    private Sameness large(Place place, Bytes key, Blob blob, Found found, long beforeMillis) {
        if (blob.encoding() == Encoding.RAW) {
            Optional<Bytes> sha256 = place.node.sha256(place.db, key, blob.length());
            return sha256.equals(Optional.of(blob.sha256())) ? Sameness.SAME : Sameness.DIFFERENT;
        }
        if (blob.length() > dumpBytesMax || found.isTooLarge()) {
            return Sameness.UNKNOWN;
        }
        Value archived = new Opaque(blob.type(), fetched(blob));
        return found.value()
                .map(value -> Sameness.of(archived, value, beforeMillis + SOON_MILLIS))
                .orElse(Sameness.DIFFERENT);
    }

    private Bytes fetched(Blob blob) {
        try (Spool copy = blobs.fetch(blob, Path.of(System.getProperty("java.io.tmpdir")))) {
            return Bytes.wrap(copy.open(0, blob.length()).readAllBytes());
        } catch (IOException e) {
            throw new TidemarkError(
                    ExitCode.UNEXPECTED,
                    "a large value could not be written to the temporary directory to be compared: %s. Nothing was written to any Redis. Make room there"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    private static boolean sameExpiry(
            Place place, OptionalLong archived, OptionalLong found, long beforeMillis, long afterMillis) {
        if (place.node.tellsExpiry() || archived.isEmpty() || found.isEmpty()) {
            return archived.equals(found);
        }
        // What was told is how long the key lives on from some moment in between.
        long expiry = archived.getAsLong();
        return beforeMillis + found.getAsLong() - EXPIRY_JITTER_MILLIS <= expiry
                && expiry <= afterMillis + found.getAsLong() + EXPIRY_JITTER_MILLIS;
    }
}
