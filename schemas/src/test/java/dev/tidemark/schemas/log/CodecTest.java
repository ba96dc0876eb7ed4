package dev.tidemark.schemas.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class CodecTest {
    private final LogRowCodec rows = new LogRowCodec();
    private final ControlRecordCodec controls = new ControlRecordCodec();

    @Property
    void everyRowComesBack(@ForAll("rows") LogRow row) throws UnreadableRecord {
        assertThat(rows.decode(rows.encode(row))).isEqualTo(row);
    }

    @Property
    void everyControlRecordComesBack(@ForAll("controls") ControlRecord record) throws UnreadableRecord {
        assertThat(controls.decode(controls.encode(record))).isEqualTo(record);
    }

    @Property
    void aCutOrForeignRecordIsUnreadableAndNeverAnotherRecord(@ForAll("rows") LogRow row, @ForAll int cut) {
        byte[] encoded = rows.encode(row);

        byte[] shorter = Arrays.copyOf(encoded, Math.floorMod(cut, encoded.length));

        assertThatThrownBy(() -> rows.decode(shorter)).isInstanceOf(UnreadableRecord.class);
        assertThatThrownBy(() -> controls.decode(encoded)).isInstanceOf(UnreadableRecord.class);
    }

    /** Lengths among them: what a record says of itself is not what is made room for. */
    @Property
    void whereBytesWereOverwrittenItIsSomeRowOrUnreadable(
            @ForAll("rows") LogRow row, @ForAll int at, @ForAll("runs") byte[] run) {
        byte[] damaged = rows.encode(row);
        int from = Math.floorMod(at, damaged.length);
        System.arraycopy(run, 0, damaged, from, Math.min(run.length, damaged.length - from));

        try {
            assertThat(rows.decode(damaged)).isNotNull();
        } catch (UnreadableRecord unreadable) {
            assertThat(unreadable).hasMessageContaining("a record of " + damaged.length + " bytes");
        }
    }

    @Property
    void whereBytesWereOverwrittenItIsSomeControlRecordOrUnreadable(
            @ForAll("controls") ControlRecord record, @ForAll int at, @ForAll("runs") byte[] run) {
        byte[] damaged = controls.encode(record);
        int from = Math.floorMod(at, damaged.length);
        System.arraycopy(run, 0, damaged, from, Math.min(run.length, damaged.length - from));

        try {
            assertThat(controls.decode(damaged)).isNotNull();
        } catch (UnreadableRecord unreadable) {
            assertThat(unreadable).hasMessageContaining("a record of " + damaged.length + " bytes");
        }
    }

    /** As a producer leaves one that sends a key alone. */
    @Test
    void aRecordWithoutAValueIsUnreadable() {
        assertThatThrownBy(() -> rows.decode(null)).isInstanceOf(UnreadableRecord.class);
        assertThatThrownBy(() -> controls.decode(null)).isInstanceOf(UnreadableRecord.class);
    }

    @Test
    void noiseIsUnreadable() {
        assertThatThrownBy(() -> rows.decode("not avro".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .isInstanceOf(UnreadableRecord.class);
    }

    /** The last is a length of two gigabytes. */
    @Provide
    Arbitrary<byte[]> runs() {
        return Arbitraries.of(
                new byte[] {0}, new byte[] {-1}, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, 1}, new byte[] {
                    -34, -1, -1, -1, 15
                });
    }

    @Provide
    Arbitrary<LogRow> rows() {
        return Arbitraries.longs().map(seed -> Generated.row(new java.util.Random(seed)));
    }

    @Provide
    Arbitrary<ControlRecord> controls() {
        return Arbitraries.longs().map(seed -> Generated.control(new java.util.Random(seed)));
    }
}
