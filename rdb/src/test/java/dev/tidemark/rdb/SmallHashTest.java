package dev.tidemark.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.servers.RedisServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SmallHashTest {
    /** Every way in which a number or a text is packed. */
    private static final Map<String, String> FIELDS = Map.ofEntries(
            Map.entry("small", "0"),
            Map.entry("twelve", "12"),
            Map.entry("seven bits", "127"),
            Map.entry("eight bits", "-128"),
            Map.entry("thirteen bits", "-4096"),
            Map.entry("sixteen bits", "32767"),
            Map.entry("twenty-four bits", "-8388608"),
            Map.entry("thirty-two bits", "2147483647"),
            Map.entry("sixty-four bits", "-9223372036854775808"),
            Map.entry("no number", "007"),
            Map.entry("empty", ""),
            Map.entry("text", "x".repeat(63)),
            Map.entry("longer text", "y".repeat(300)),
            Map.entry("long text", "z".repeat(5_000)),
            Map.entry("at the edge", "e".repeat(16_378)),
            Map.entry("over the edge", "o".repeat(16_379)));

    @Test
    void everyEncodingOfAHashGivesItsFields() throws IOException {
        for (String limit : new String[] {"1000000", "0"}) {
            byte[] snapshot;
            try (RealSnapshot redis = new RealSnapshot(RedisServer.start(RedisServer.Options.defaults()
                    .withConfig("hash-max-listpack-value " + limit, "hash-max-listpack-entries 1000")))) {
                for (Map.Entry<String, String> field : FIELDS.entrySet()) {
                    redis.number("HSET", "hash", field.getKey(), field.getValue());
                }
                snapshot = redis.save();
            }

            RdbScanner scanner = RdbScanner.open(new ByteArrayInputStream(snapshot));
            RdbItem item = scanner.next();
            while (!(item instanceof RdbItem.Entry)) {
                item = scanner.next();
            }
            ByteArrayOutputStream value = new ByteArrayOutputStream();
            scanner.copyValue(value);

            assertThat(SmallHash.fields(((RdbItem.Entry) item).type(), value.toByteArray()))
                    .contains(expected());
        }
    }

    /** As Redis 6.2 wrote it. */
    @Test
    void aHashOfAnOlderServerToo() throws IOException {
        byte[] ziplist = HexFormat.of().parseHex("1800000014000000040000016103fd02036e657705fe63ff");
        byte[] value = new byte[ziplist.length + 1];
        value[0] = (byte) ziplist.length;
        System.arraycopy(ziplist, 0, value, 1, ziplist.length);

        assertThat(SmallHash.fields(RdbType.HASH_ZIPLIST, value))
                .contains(Map.of(Bytes.utf8("a"), Bytes.utf8("12"), Bytes.utf8("new"), Bytes.utf8("99")));
    }

    @Test
    void whatIsNoHashHasNoFields() throws IOException {
        assertThat(SmallHash.fields(RdbType.STRING, new byte[] {1, 'a'})).isEqualTo(Optional.empty());
    }

    private static Map<Bytes, Bytes> expected() {
        Map<Bytes, Bytes> fields = new HashMap<>();
        FIELDS.forEach((field, value) -> fields.put(Bytes.utf8(field), Bytes.utf8(value)));
        return fields;
    }
}
