package dev.tidemark.standalone.endtoend;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.ArchivedRow;
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
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/**
 * Makes the golden archive of layout 3, as {@link GoldenArchiveOfLayout2} that of layout 2: what it added is the fields of
 * chunks as columns, and hours that are rolled up. Of its two hours the first is; its segments are still there.
 */
final class GoldenArchiveOfLayout3 {
    private static final Shards SHARDS = new Shards(2);
    private static final int[] ODD_FLOATS = {0x3f000000, 0x80000000, 0x7fc00001, 0xff800001, 0x00000001, 0x7f800000};

    private final Archive archive;
    private final RedisCommands<byte[], byte[]> redis;
    private final List<List<LogRow>> rows = List.of(new ArrayList<>(), new ArrayList<>());
    private final List<Integer> hourEnds = new ArrayList<>();
    private long micros = RedisTime.micros(Instant.parse("2026-11-20T14:00:01Z"));

    private GoldenArchiveOfLayout3(Archive archive, RedisCommands<byte[], byte[]> redis) {
        this.archive = archive;
        this.redis = redis;
    }

    /** Makes it in the directory that is given. */
    public static void main(String[] arguments) throws IOException {
        Path golden = Path.of(arguments[0]);
        try (S3Endpoint s3 = S3Endpoint.start();
                RedisServer server = RedisServer.start()) {
            RedisClient client = RedisClient.create(server.uri().toString());
            try (Archive archive = Archive.open(
                    S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey())), "e2e")) {
                Instant time = new GoldenArchiveOfLayout3(
                                archive, client.connect(ByteArrayCodec.INSTANCE).sync())
                        .write();
                Files.createDirectories(golden);
                Files.writeString(golden.resolve("time"), time + "\n");
                Files.write(golden.resolve("expected"), GoldenArchive.contentOf(server.uri()));
            } finally {
                client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
            }
            GoldenArchive.download(s3, golden);
        }
    }

    private Instant write() throws IOException {
        List<Base> bases = new ArrayList<>();
        rows.forEach(
                shard -> shard.addAll(List.of(new EpochClaimed(0, micros), new ResyncBegun(0, micros, "first start"))));
        for (int i = 0; i < 40; i++) {
            chunk("chunk:" + i, i);
        }
        for (List<LogRow> shard : rows) {
            bases.add(new Base(1, shard.size(), micros));
            shard.add(new ResyncEnded(0, micros, 1));
        }
        for (int i = 30; i < 50; i++) {
            chunk("chunk:" + i, i + 100);
        }
        rows.forEach(shard -> hourEnds.add(shard.size()));
        micros += 3_600_000_000L;
        for (int i = 45; i < 60; i++) {
            chunk("chunk:" + i, i + 200);
        }
        List<RollUp> rollUps = new ArrayList<>();
        for (int shard = 0; shard < SHARDS.count(); shard++) {
            int end = rows.get(shard).size();
            ClaimInterval claim = new ClaimInterval(bases.get(shard), micros, end, 1_000);
            segment(shard, 0, hourEnds.get(shard), List.of());
            segment(shard, hourEnds.get(shard), end, List.of(claim));
            rollUps.add(rollUp(shard));
            archive.writeProgress(new Progress(shard, 1, end, Optional.empty(), Optional.of(claim)));
        }
        archive.rolled().put(new HourMarker(rollUps.get(0).key().hour(), micros, rollUps));
        return RedisTime.instant(micros);
    }

    private void chunk(String key, int seed) {
        micros += 1_000;
        Map<String, byte[]> fields = new LinkedHashMap<>();
        fields.put("text", bytes("text of " + seed + " \u00e4\u20ac"));
        fields.put("other", new byte[] {0, (byte) 0xff, (byte) seed});
        fields.put("text_embedding", embedding(seed));
        fields.put("metadata", seed % 5 == 0 ? new byte[] {(byte) 0xc3, 40} : bytes("{\"page\": 7, \"page\": 8}"));
        fields.put("chunk_id", bytes("c" + seed));
        fields.put("doc_id", seed % 7 == 0 ? new byte[0] : bytes("d" + seed % 3));
        redis.del(bytes(key));
        fields.forEach((name, value) -> redis.hset(bytes(key), bytes(name), value));
        List<Value.Field> logged = new ArrayList<>();
        fields.forEach((name, value) -> logged.add(new Value.Field(Bytes.utf8(name), Bytes.wrap(value))));
        rows.get(SHARDS.of(Bytes.utf8(key)))
                .add(new Change(
                        0,
                        micros,
                        micros - 1,
                        0,
                        Bytes.utf8(key),
                        new Value.Hash(logged),
                        OptionalLong.empty(),
                        "hset"));
    }

    /** Whole floats, but for some that have a byte too many. */
    private static byte[] embedding(int seed) {
        ByteBuffer floats = ByteBuffer.allocate(4 * ODD_FLOATS.length + (seed % 9 == 0 ? 1 : 0))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int bits : ODD_FLOATS) {
            floats.putInt(bits + (bits == 0x3f000000 ? seed : 0));
        }
        return floats.array();
    }

    private void segment(int shard, int from, int to, List<ClaimInterval> claims) {
        SegmentWriter writer = new SegmentWriter(archive.source(), new SegmentKey(hourOf(shard, from), shard, 1, from));
        for (int offset = from; offset < to; offset++) {
            writer.add(offset, rows.get(shard).get(offset));
        }
        archive.put(writer.finish(to, 0, rows.get(shard).get(to - 1).timeMicros(), claims));
    }

    private RollUp rollUp(int shard) throws IOException {
        int end = hourEnds.get(shard);
        try (RollUpWriter writer = new RollUpWriter(
                archive.source(),
                new RollUpKey(hourOf(shard, 0), shard),
                1,
                0,
                end,
                ChunkFields.standard(),
                Path.of(System.getProperty("java.io.tmpdir")))) {
            IntStream.range(0, end)
                    .mapToObj(offset -> new ArchivedRow(offset, rows.get(shard).get(offset)))
                    .sorted(RollUpWriter.ORDER)
                    .forEach(writer::add);
            return archive.rolled()
                    .put(writer.finish(0, rows.get(shard).get(end - 1).timeMicros(), List.of()));
        }
    }

    private Hour hourOf(int shard, int offset) {
        return Hour.of(rows.get(shard).get(offset).timeMicros());
    }

    private static byte[] bytes(String text) {
        return Bytes.utf8(text).array();
    }
}
