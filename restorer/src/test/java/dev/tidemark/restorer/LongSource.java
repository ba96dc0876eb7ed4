package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.RollUpFile;
import dev.tidemark.archive.RollUpWriter;
import dev.tidemark.archive.SegmentFile;
import dev.tidemark.archive.SegmentWriter;
import dev.tidemark.archive.Spool;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.layout.ArchiveKey.GapKey;
import dev.tidemark.schemas.layout.ArchiveKey.RollUpKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ChunkFields;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Gap;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.HourMarker;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Encoding;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * A source that was watched for some weeks: one resync at its beginning, then a little change a few times a day, each time in an
 * hour of its own, which is rolled up. One large value a week.
 */
final class LongSource {
    static final int SHARDS = 2;
    static final Duration STEP = Duration.ofHours(12);
    private static final int KEYS = 12;
    private static final Path DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"));

    final Instant began;
    private final Archive archive;
    private final Shards shards = new Shards(SHARDS);
    private final List<Log> logs = new ArrayList<>();
    /** What each key was set to, and when. */
    private final List<Write> writes = new ArrayList<>();

    private record Write(Instant at, String key, String value) {}

    private static final class Log {
        final List<LogRow> rows = new ArrayList<>();
        Base base;
        int archived;
    }

    LongSource(Archive archive, int days) throws IOException {
        this.archive = archive;
        this.began = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(Duration.ofDays(days));
        for (int shard = 0; shard < SHARDS; shard++) {
            Log log = new Log();
            long micros = RedisTime.micros(began);
            log.rows.add(new EpochClaimed(0, micros));
            log.rows.add(new ResyncBegun(0, micros, "first start"));
            log.rows.add(new ResyncEnded(0, micros, 1));
            log.base = new Base(1, 2, micros);
            logs.add(log);
        }
        int step = 0;
        for (Instant at = began; at.isBefore(Instant.now()); at = at.plus(STEP)) {
            step(at.plusSeconds(1), step++);
        }
    }

    private void step(Instant at, int number) throws IOException {
        for (int i = 0; i < KEYS; i++) {
            if (number == 0 || (number + i) % 3 == 0) {
                write(at.plusSeconds(i), "chunk:" + i, new Value.Text(Bytes.utf8("text " + number)), "text " + number);
            }
        }
        if (number % 14 == 3) {
            String content = "large " + number;
            write(at.plusSeconds(KEYS), "large", blob(at, content), content);
        }
        List<RollUp> rollUps = new ArrayList<>();
        for (int shard = 0; shard < SHARDS; shard++) {
            rollUps.add(cut(shard, at));
        }
        archive.rolled().put(new HourMarker(Hour.of(RedisTime.micros(at)), RedisTime.micros(at), rollUps));
    }

    private void write(Instant at, String key, Value value, String content) {
        long micros = RedisTime.micros(at);
        logs.get(shards.of(Bytes.utf8(key)))
                .rows
                .add(new Change(0, micros, micros - 1, 0, Bytes.utf8(key), value, OptionalLong.empty(), "set"));
        writes.add(new Write(at, key, content));
    }

    private Blob blob(Instant at, String content) throws IOException {
        try (Spool spool = Spool.in(DIRECTORY)) {
            new ByteArrayInputStream(RedisContent.bytes(content)).transferTo(spool);
            Blob blob = new Blob(
                    "string", Encoding.RAW, spool.sha256(), spool.sizeBytes(), LocalDate.ofInstant(at, ZoneOffset.UTC));
            archive.put(blob, spool);
            return blob;
        }
    }

    /** One segment, its hour's roll-up, and a claim until just before the next step. */
    private RollUp cut(int shard, Instant at) throws IOException {
        Log log = logs.get(shard);
        int from = log.archived;
        int to = log.rows.size();
        Hour hour = Hour.of(RedisTime.micros(at));
        long lastMicros = log.rows.get(to - 1).timeMicros();
        ClaimInterval claim = new ClaimInterval(log.base, RedisTime.micros(claimedAt(at)), to, 1);
        SegmentWriter segment = new SegmentWriter(archive.source(), new SegmentKey(hour, shard, 1, from));
        List<ArchivedRow> rows = new ArrayList<>();
        for (int offset = from; offset < to; offset++) {
            segment.add(offset, log.rows.get(offset));
            rows.add(new ArchivedRow(offset, log.rows.get(offset)));
        }
        SegmentFile file = segment.finish(to, 0, lastMicros, List.of(claim));
        archive.put(file);
        log.archived = to;
        archive.writeProgress(new Progress(shard, 1, to, Optional.of(hour), Optional.of(claim)));
        rows.sort(RollUpWriter.ORDER);
        try (RollUpWriter writer = new RollUpWriter(
                archive.source(), new RollUpKey(hour, shard), 1, from, to, ChunkFields.standard(), DIRECTORY)) {
            rows.forEach(writer::add);
            try (RollUpFile rollUp = writer.finish(0, lastMicros, List.of(claim))) {
                return archive.rolled().put(rollUp);
            }
        }
    }

    private static Instant claimedAt(Instant at) {
        Instant end = at.plus(STEP).minusSeconds(60);
        return end.isAfter(Instant.now()) ? at.plusSeconds(30) : end;
    }

    void explainADoubt(Instant at) {
        archive.gaps()
                .explain(new Gap(
                        new GapKey(RedisTime.micros(at), 0, 1, 7), "10.0.0.7:6379", "a test", OptionalLong.empty()));
    }

    Instant day(int number) {
        return began.plus(Duration.ofDays(number));
    }

    /** What a restore to that time holds. */
    Map<String, String> at(Instant time) {
        Map<String, String> state = new TreeMap<>();
        writes.stream()
                .filter(write -> !write.at().isAfter(time))
                .forEach(write -> state.put(write.key(), write.value()));
        return state;
    }
}
