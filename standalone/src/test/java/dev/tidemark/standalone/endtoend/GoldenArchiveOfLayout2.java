package dev.tidemark.standalone.endtoend;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.SegmentWriter;
import dev.tidemark.archive.Spool;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.Shards;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Encoding;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import io.lettuce.core.RedisClient;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Makes the golden archive of layout 2, as {@link GoldenArchive} of layout 1 was made once: what that layout added is large
 * values beside the segments and definitions beside the keys. Small ones here, since size is not what a reader must know.
 */
final class GoldenArchiveOfLayout2 {
    private static final long FAR_MILLIS = 4_102_444_800_000L;
    private static final Shards SHARDS = new Shards(2);

    private final Archive archive;
    private final RedisCommands<byte[], byte[]> redis;
    private final List<List<LogRow>> rows = List.of(new ArrayList<>(), new ArrayList<>());
    private final List<Base> bases = new ArrayList<>();
    private long micros = RedisTime.micros(Instant.now());

    private GoldenArchiveOfLayout2(Archive archive, RedisCommands<byte[], byte[]> redis) {
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
                GoldenArchiveOfLayout2 made = new GoldenArchiveOfLayout2(
                        archive, client.connect(ByteArrayCodec.INSTANCE).sync());
                Instant time = made.write();
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
        rows.forEach(shard -> Stream.of(new EpochClaimed(0, micros), new ResyncBegun(0, micros, "first start"))
                .forEach(shard::add));
        set("superseded", random(2_000));
        set("inline", bytes("text"));
        log("inline", false);
        log("superseded", true);
        define(Definitions.FUNCTIONS, functions("return 'superseded'"));
        micros += 1_000;
        for (List<LogRow> shard : rows) {
            bases.add(new Base(1, shard.size(), micros));
            shard.add(new ResyncEnded(0, micros, 1));
        }
        set("superseded", random(3_000));
        log("superseded", true);
        set("empty", new byte[0]);
        log("empty", true);
        redis.set(bytes("volatile"), random(1_000), SetArgs.Builder.pxAt(FAR_MILLIS));
        log("volatile", true);
        for (int i = 0; i < 200; i++) {
            redis.zadd(bytes("zset"), i / 3.0, bytes("member " + i));
            redis.hset(bytes("hash"), bytes("field " + i), bytes("value " + i));
        }
        log("zset", true);
        log("hash", true);
        redis.pexpireat(bytes("hash"), FAR_MILLIS + 1);
        log("hash", true);
        define(Definitions.FUNCTIONS, functions("return 'golden'"));
        define(Definitions.INDEX + "chunks", bytes("FT.CREATE chunks ON HASH PREFIX 1 chunk: SCHEMA text TEXT"));
        Instant time = RedisTime.instant(micros);
        micros += 1_000_000;
        for (int shard = 0; shard < SHARDS.count(); shard++) {
            rows.get(shard)
                    .add(new Change(
                            0,
                            micros,
                            micros - 1,
                            0,
                            bytes("too late", shard),
                            new Value.Text(Bytes.utf8("not to be restored")),
                            OptionalLong.empty(),
                            "set"));
            archive(shard);
        }
        return time;
    }

    private void set(String key, byte[] value) {
        redis.set(bytes(key), value);
    }

    /** Logs the key as it is now. */
    private void log(String key, boolean asBlob) throws IOException {
        micros += 1_000;
        byte[] name = bytes(key);
        String type = redis.type(name);
        byte[] content = type.equals("string") ? redis.get(name) : redis.dump(name);
        Value value = asBlob ? blob(type, content) : new Value.Text(Bytes.wrap(content));
        long expiry = redis.pexpiretime(name);
        rows.get(SHARDS.of(Bytes.wrap(name)))
                .add(new Change(
                        0,
                        micros,
                        micros - 1,
                        0,
                        Bytes.wrap(name),
                        value,
                        expiry < 0 ? OptionalLong.empty() : OptionalLong.of(expiry),
                        ""));
    }

    private Blob blob(String type, byte[] content) throws IOException {
        try (Spool spool = Spool.in(Path.of(System.getProperty("java.io.tmpdir")))) {
            spool.write(content);
            Blob blob = new Blob(
                    type,
                    type.equals("string") ? Encoding.RAW : Encoding.DUMP,
                    spool.sha256(),
                    spool.sizeBytes(),
                    LocalDate.ofInstant(RedisTime.instant(micros), ZoneOffset.UTC));
            archive.put(blob, spool);
            return blob;
        }
    }

    private void define(String kind, byte[] payload) {
        micros += 1_000;
        rows.get(0).add(new Definitions(0, micros, kind, Bytes.utf8("digest"), Bytes.wrap(payload)));
    }

    private byte[] functions(String body) {
        redis.functionLoad("#!lua name=golden\nredis.register_function('golden', function() " + body + " end)", true);
        return redis.functionDump();
    }

    private void archive(int shard) {
        List<LogRow> all = rows.get(shard);
        int end = all.size();
        ClaimInterval claim = new ClaimInterval(bases.get(shard), micros, end, 1_000);
        segment(shard, 0, end / 2, List.of());
        segment(shard, end / 2, end, List.of(claim));
        archive.writeProgress(new Progress(shard, 1, end, Optional.empty(), Optional.of(claim)));
    }

    private void segment(int shard, int from, int to, List<ClaimInterval> claims) {
        List<LogRow> all = rows.get(shard);
        Hour hour = Hour.of(all.get(from).timeMicros());
        SegmentWriter writer = new SegmentWriter(archive.source(), new SegmentKey(hour, shard, 1, from));
        for (int offset = from; offset < to; offset++) {
            writer.add(offset, all.get(offset));
        }
        archive.put(writer.finish(to, 0, all.get(to - 1).timeMicros(), claims));
    }

    /** A key of that shard. */
    private static Bytes bytes(String text, int shard) {
        return Stream.iterate(0, number -> number + 1)
                .map(number -> Bytes.utf8(text + number))
                .filter(key -> SHARDS.of(key) == shard)
                .findFirst()
                .orElseThrow();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
