package dev.tidemark.bench;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.RollUpFile;
import dev.tidemark.archive.RollUpWriter;
import dev.tidemark.archive.SegmentWriter;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.layout.ArchiveKey.RollUpKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ChunkFields;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.HourMarker;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.settings.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;

/** A day as a compactor leaves it: 23 hours rolled up, and the last one as segments of half a minute. */
public final class DayOfChanges {
    private static final int HOURS = 24;
    private static final int SEGMENTS_AN_HOUR = 120;
    private static final int CHANGES_A_KEY = 10;
    private static final Path DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"));

    private final Archive archive;
    private final Shards shards;
    private final int changes;
    private final long beganMicros =
            RedisTime.micros(Instant.now().truncatedTo(ChronoUnit.HOURS).minus(Duration.ofHours(HOURS)));
    private final Random random = new Random(1);
    private final List<Probe> probes = new ArrayList<>();
    private final long[] offsets;
    private final Base base;
    private int written;
    private int rollUps;
    private int segments;
    private int asked;

    /**
     * What to look for.
     *
     * @param answer as the benchmark tells it
     */
    public record Look(String key, Instant at, String answer) {}

    private static final class Probe {
        private final Bytes key;
        private final long atMicros;
        private Optional<Change> last = Optional.empty();

        Probe(Bytes key, long atMicros) {
            this.key = key;
            this.atMicros = atMicros;
        }
    }

    private DayOfChanges(Archive archive, Settings settings, int changes, int looks) {
        this.archive = archive;
        this.shards = new Shards(settings.source().shards());
        this.changes = changes;
        this.offsets = new long[settings.source().shards()];
        this.base = new Base(1, 2, beganMicros);
        for (int i = 0; i < looks; i++) {
            probes.add(new Probe(key(random.nextInt(keys())), beganMicros + micros(random.nextInt(changes))));
        }
    }

    /**
     * Writes it, ending with the hour before this one.
     *
     * @param looks that will be asked for at most
     */
    public static DayOfChanges write(Settings settings, int changes, int looks) {
        try (Archive archive = Archive.open(settings.s3(), settings.source().name())) {
            DayOfChanges day = new DayOfChanges(archive, settings, changes, looks);
            for (int hour = 0; hour < HOURS; hour++) {
                day.write(hour);
            }
            return day;
        }
    }

    private int keys() {
        return Math.max(1, changes / CHANGES_A_KEY);
    }

    private static Bytes key(int number) {
        return KeyKind.STRING.key(number);
    }

    private long micros(int change) {
        return 1 + Duration.ofHours(HOURS).toMillis() * 1_000 * change / (changes + 1);
    }

    private void write(int hour) {
        List<List<LogRow>> rows = new ArrayList<>();
        for (int shard = 0; shard < offsets.length; shard++) {
            rows.add(new ArrayList<>());
            if (hour == 0) {
                rows.get(shard)
                        .addAll(List.of(
                                new EpochClaimed(0, beganMicros),
                                new ResyncBegun(0, beganMicros, "first start"),
                                new ResyncEnded(0, beganMicros, 1)));
            }
        }
        long end = beganMicros + Duration.ofHours(hour + 1).toMillis() * 1_000;
        for (; written < changes && beganMicros + micros(written) < end; written++) {
            long micros = beganMicros + micros(written);
            Bytes key = key(random.nextInt(keys()));
            Change change = new Change(
                    0, micros, micros - 1, 0, key, KeyKind.STRING.value(written), OptionalLong.empty(), "set");
            rows.get(shards.of(key)).add(change);
            probes.stream()
                    .filter(probe -> probe.key.equals(key) && micros <= probe.atMicros)
                    .forEach(probe -> probe.last = Optional.of(change));
        }
        if (hour + 1 < HOURS) {
            rollUp(Hour.of(end - 1), rows, end - 1);
        } else {
            for (int shard = 0; shard < offsets.length; shard++) {
                rows.get(shard).add(new EpochClaimed(0, end - 1));
                cut(shard, rows.get(shard), end - 1);
            }
        }
    }

    private void rollUp(Hour hour, List<List<LogRow>> rows, long through) {
        List<RollUp> files = new ArrayList<>();
        for (int shard = 0; shard < offsets.length; shard++) {
            long from = offsets[shard];
            RollUpKey key = new RollUpKey(hour, shard);
            if (rows.get(shard).isEmpty()) {
                files.add(new RollUp(key, 1, from, from, 0, 0, 0, 0, List.of(), 0, "", Segment.LAYOUT));
                continue;
            }
            List<ArchivedRow> sorted = new ArrayList<>();
            for (LogRow row : rows.get(shard)) {
                sorted.add(new ArchivedRow(offsets[shard]++, row));
            }
            sorted.sort(RollUpWriter.ORDER);
            RollUpWriter writer =
                    new RollUpWriter(archive.source(), key, 1, from, offsets[shard], ChunkFields.standard(), DIRECTORY);
            sorted.forEach(writer::add);
            ClaimInterval claim = new ClaimInterval(base, through, offsets[shard], 900_000);
            try (RollUpFile file = writer.finish(0, through, List.of(claim))) {
                files.add(archive.rolled().put(file));
            } catch (IOException e) {
                throw new UncheckedIOException("the roll-up cannot be written", e);
            }
            rollUps++;
        }
        archive.rolled().put(new HourMarker(hour, 1, files));
    }

    private void cut(int shard, List<LogRow> rows, long through) {
        int each = Math.max(1, rows.size() / SEGMENTS_AN_HOUR);
        for (int from = 0; from < rows.size(); from += each) {
            List<LogRow> some = rows.subList(from, Math.min(rows.size(), from + each));
            SegmentWriter writer = new SegmentWriter(
                    archive.source(), new SegmentKey(Hour.of(some.get(0).timeMicros()), shard, 1, offsets[shard]));
            for (LogRow row : some) {
                writer.add(offsets[shard]++, row);
            }
            boolean isLast = from + each >= rows.size();
            long last = some.get(some.size() - 1).timeMicros();
            archive.put(writer.finish(
                    offsets[shard],
                    0,
                    last,
                    List.of(new ClaimInterval(base, isLast ? through : last, offsets[shard], 900_000))));
            segments++;
        }
    }

    int rollUps() {
        return rollUps;
    }

    int segments() {
        return segments;
    }

    /** Another key at another time. */
    public Look next() {
        Probe probe = probes.get(asked++);
        return new Look(
                new String(probe.key.array(), StandardCharsets.UTF_8),
                RedisTime.instant(probe.atMicros),
                LookMain.answer(probe.last));
    }

    /** Nowhere, so everything that may have it is looked at. */
    Look unknown() {
        return new Look(
                "small:nobody" + asked,
                RedisTime.instant(beganMicros + micros(changes)),
                LookMain.answer(Optional.empty()));
    }
}
