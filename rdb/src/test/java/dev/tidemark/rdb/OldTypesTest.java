package dev.tidemark.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.Bytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What no server of the matrix writes any more, byte by byte as Redis's sources have it. */
class OldTypesTest {
    private static final String ID = "00000000000000010000000000000002";

    @ParameterizedTest
    @CsvSource({
        "LIST, 02 0161 c005",
        "SET, 01 0161",
        "ZSET, 03 0161 03312e35 0162 fe 0163 fd",
        "HASH_ZIPMAP, 03 020161",
        "LIST_ZIPLIST, 01 ff",
        "SET_INTSET, 02 0102",
        "ZSET_ZIPLIST, 01 ff",
        "HASH_ZIPLIST, 01 ff",
        "LIST_QUICKLIST, 02 01ff 01ff",
        // One node; two entries; the last id. A group with a pending entry and a consumer that has it.
        "STREAM_LISTPACKS, 01 0161 0162 02 05 00 01 0167 05 00 01 " + ID
                + " 1122334455667788 01 01 0163 1122334455667788 01 " + ID,
        "STREAM_LISTPACKS_2, 01 0161 0162 02 05 00 01 00 00 00 02 01 0167 05 00 07 00 01 0163 1122334455667788 00",
        "HASH_METADATA_PRE_GA, 02 00 0161 0162 4abc 0163 0164",
        "HASH_LISTPACK_EX_PRE_GA, 02 ffff",
        "MODULE_2, 81 1122334455667788 01 05 02 80 00000005 03 00000000 04 0000000000000000 05 0161 00",
    })
    void isPassedOverAndCopiedWhole(RdbType type, String hex) throws IOException {
        byte[] value = HexFormat.of().parseHex(hex.replace(" ", ""));
        // The second key's expiry is in seconds, as before version 3; and what tells of use is passed over.
        byte[] snapshot = snapshot(type.code(), value, "fd 00e1f505 f8 07 f9 03");

        RdbScanner scanner = RdbScanner.open(new ByteArrayInputStream(snapshot));

        assertThat(scanner.next()).isEqualTo(new RdbItem.Entry(9, 0, type, Bytes.utf8("k"), OptionalLong.empty()));
        ByteArrayOutputStream copied = new ByteArrayOutputStream();
        scanner.copyValue(copied);
        assertThat(copied.toByteArray()).isEqualTo(value);
        RdbItem.Entry second = (RdbItem.Entry) scanner.next();
        assertThat(second.expireAtMillis()).hasValue(100_000_000_000L);
        assertThat(second.offset()).isEqualTo(9 + 3 + value.length);
        assertThat(scanner.next()).isInstanceOf(RdbItem.End.class);
    }

    @Test
    void aTypeThatNobodyKnowsIsRefused() {
        assertThatThrownBy(() -> {
                    RdbScanner scanner = RdbScanner.open(new ByteArrayInputStream(snapshot(99, new byte[1], "")));
                    scanner.next();
                })
                .isInstanceOf(RdbDamaged.class)
                .hasMessageContaining("type 99");
    }

    /** The key "k" with that value, and once more. */
    private static byte[] snapshot(int type, byte[] value, String beforeSecond) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes("REDIS0010".getBytes(StandardCharsets.US_ASCII));
        for (String before : new String[] {"", beforeSecond}) {
            bytes.writeBytes(HexFormat.of().parseHex(before.replace(" ", "")));
            bytes.write(type);
            bytes.writeBytes(new byte[] {1, 'k'});
            bytes.writeBytes(value);
        }
        bytes.write(255);
        Crc64 crc = new Crc64();
        crc.update(bytes.toByteArray(), 0, bytes.size());
        for (int i = 0; i < 8; i++) {
            bytes.write((int) (crc.value() >>> (8 * i)));
        }
        return bytes.toByteArray();
    }
}
