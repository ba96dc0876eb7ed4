package dev.tidemark.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.servers.MatrixServer;
import dev.tidemark.servers.RedisServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RdbScannerTest {

    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void everyValueIsWhatDumpSays(MatrixServer server) throws IOException {
        assumeTrue(server.isHere(), server::whyNot);
        try (RealSnapshot redis = new RealSnapshot(RedisServer.start(server.options()))) {
            redis.fill();
            byte[] snapshot = redis.save();

            RdbScanner scanner = RdbScanner.open(new Trickle(snapshot));
            Map<Integer, Long> keys = new HashMap<>();
            Set<RdbType> types = new HashSet<>();
            List<Bytes> libraries = new ArrayList<>();
            RdbItem item = scanner.next();
            for (; !(item instanceof RdbItem.End); item = scanner.next()) {
                if (item instanceof RdbItem.Entry entry) {
                    ByteArrayOutputStream dump = new ByteArrayOutputStream();
                    dump.write(entry.type().code());
                    scanner.copyValue(dump);
                    dump.write(scanner.dumpFooter(new ByteArrayInputStream(dump.toByteArray())));
                    assertThat(dump.toByteArray())
                            .isEqualTo(redis.dump(entry.db(), entry.key().array()));
                    keys.merge(entry.db(), 1L, Long::sum);
                    types.add(entry.type());
                    boolean expires = entry.key().equals(Bytes.utf8("expiring"));
                    assertThat(entry.expireAtMillis().isPresent()).isEqualTo(expires);
                    if (expires) {
                        assertThat(entry.expireAtMillis()).hasValue(redis.number("PEXPIRETIME", "expiring"));
                    }
                } else if (item instanceof RdbItem.Library library) {
                    libraries.add(library.code());
                }
            }

            assertThat(keys).containsEntry(3, 1L).hasSize(2);
            redis.select(0);
            assertThat(keys).containsEntry(0, redis.number("DBSIZE"));
            assertThat(libraries).hasSize(1);
            assertThat(types).contains(RdbType.STRING, RdbType.HASH, RdbType.HASH_LISTPACK, RdbType.LIST_QUICKLIST_2);
            if (scanner.version() >= 12) {
                assertThat(types).contains(RdbType.HASH_METADATA, RdbType.HASH_LISTPACK_EX, RdbType.MODULE_2);
            }
        }
    }

    @Test
    void blocksTogetherAreTheSnapshot() throws IOException {
        byte[] snapshot = snapshotOfEverything();
        List<RdbItem.Entry> whole = new ArrayList<>();
        BlockIndex.Builder builder = new BlockIndex.Builder(10_000);
        RdbScanner scanner = RdbScanner.open(new ByteArrayInputStream(snapshot));
        RdbItem item = scanner.next();
        for (; !(item instanceof RdbItem.End); item = scanner.next()) {
            if (item instanceof RdbItem.Entry entry) {
                whole.add(entry);
                builder.add(entry);
            }
        }
        BlockIndex index = builder.end(scanner.version(), (RdbItem.End) item);

        List<RdbItem.Entry> inBlocks = new ArrayList<>();
        for (int block = 0; block < index.blocks().size(); block++) {
            assertThat(index.blocks().get(block).keysBefore()).isEqualTo(inBlocks.size());
            byte[] bytes =
                    Arrays.copyOfRange(snapshot, (int) index.blocks().get(block).offset(), (int) index.endOf(block));
            RdbScanner part = RdbScanner.block(new ByteArrayInputStream(bytes), index, block);
            for (RdbItem each = part.next(); !(each instanceof RdbItem.End); each = part.next()) {
                inBlocks.add((RdbItem.Entry) each);
            }
            byte[] cut = Arrays.copyOf(bytes, bytes.length - 1);
            int number = block;
            assertThatThrownBy(() -> readBlock(cut, index, number)).isInstanceOf(RdbDamaged.class);
        }

        assertThat(index.blocks()).hasSizeGreaterThan(3);
        assertThat(inBlocks).isEqualTo(whole);
    }

    @Test
    void aSnapshotThatIsCutAnywhereIsDamaged() throws IOException {
        byte[] snapshot = smallSnapshot();
        assertThat(keysIn(snapshot)).isEqualTo(7);

        for (int length = 0; length < snapshot.length; length++) {
            byte[] cut = Arrays.copyOf(snapshot, length);
            assertThatThrownBy(() -> keysIn(cut))
                    .as("cut after %d bytes", length)
                    .isInstanceOf(RdbDamaged.class);
        }
        byte[] longer = Arrays.copyOf(snapshot, snapshot.length + 1);
        assertThatThrownBy(() -> keysIn(longer)).isInstanceOf(RdbDamaged.class).hasMessageContaining("more bytes");
    }

    @Test
    void everyFlippedBitIsFound() throws IOException {
        byte[] snapshot = smallSnapshot();

        for (int at = 0; at < snapshot.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] flipped = snapshot.clone();
                flipped[at] ^= (byte) (1 << bit);
                assertThatThrownBy(() -> keysIn(flipped))
                        .as("bit %d of byte %d", bit, at)
                        .isInstanceOf(RdbDamaged.class);
            }
        }
    }

    @Test
    void oneWithoutAChecksumIsRefused() throws IOException {
        byte[] snapshot;
        try (RealSnapshot redis = new RealSnapshot(
                RedisServer.start(RedisServer.Options.defaults().withConfig("rdbchecksum no")))) {
            snapshot = redis.save();
        }

        assertThatThrownBy(() -> keysIn(snapshot))
                .isInstanceOf(RdbDamaged.class)
                .hasMessageContaining("rdbchecksum yes");
    }

    @Test
    void whatIsNoSnapshotOrTooNewIsRefused() {
        assertThatThrownBy(() -> keysIn("VALKEY080...".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
                .hasMessageContaining("Valkey 9");
        assertThatThrownBy(() -> keysIn("REDIS0099...".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
                .hasMessageContaining("version 99");
        assertThatThrownBy(() -> keysIn("*1\r\n$4\r\nPING\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
                .isInstanceOf(RdbDamaged.class);
    }

    private static byte[] snapshotOfEverything() throws IOException {
        try (RealSnapshot redis = new RealSnapshot(RedisServer.start())) {
            redis.fill();
            return redis.save();
        }
    }

    /** Of a few hundred bytes, with something of everything. */
    private static byte[] smallSnapshot() throws IOException {
        try (RealSnapshot redis = new RealSnapshot(RedisServer.start())) {
            redis.fillSparsely();
            return redis.save();
        }
    }

    private static int keysIn(byte[] snapshot) throws IOException {
        RdbScanner scanner = RdbScanner.open(new ByteArrayInputStream(snapshot));
        int keys = 0;
        for (RdbItem item = scanner.next(); !(item instanceof RdbItem.End); item = scanner.next()) {
            keys += item instanceof RdbItem.Entry ? 1 : 0;
        }
        return keys;
    }

    private static void readBlock(byte[] bytes, BlockIndex index, int block) throws IOException {
        RdbScanner scanner = RdbScanner.block(new ByteArrayInputStream(bytes), index, block);
        for (RdbItem item = scanner.next(); !(item instanceof RdbItem.End); item = scanner.next()) {
            scanner.copyValue(new ByteArrayOutputStream());
        }
    }

    /** Gives a few bytes at a time, as a network may. */
    private static final class Trickle extends InputStream {
        private final ByteArrayInputStream in;
        private int next;

        Trickle(byte[] bytes) {
            in = new ByteArrayInputStream(bytes);
        }

        @Override
        public int read() {
            return in.read();
        }

        @Override
        public int read(byte[] bytes, int from, int length) {
            next = (next * 7 + 3) % 4_099;
            return in.read(bytes, from, Math.min(length, next + 1));
        }
    }
}
