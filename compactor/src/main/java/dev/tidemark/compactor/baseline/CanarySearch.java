package dev.tidemark.compactor.baseline;

import dev.tidemark.compactor.dating.Canary;
import dev.tidemark.rdb.RdbItem;
import dev.tidemark.rdb.RdbScanner;
import dev.tidemark.rdb.SmallHash;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Collects the canaries of a source from a snapshot that goes by. */
final class CanarySearch {
    /** A canary takes a few hundred bytes; what is larger is something else, whoever put it there. */
    private static final int CANARY_BYTES_MAX = 4_096;

    /** There are sixteen places a node, and those of a former name may still be there. */
    private static final int CANARIES_MAX = 1_000;

    private final Bytes prefix;
    private final List<Canary> found = new ArrayList<>();

    CanarySearch(String source) {
        this.prefix =
                Bytes.utf8(new String(ReservedKeys.CANARY_PREFIX.array(), StandardCharsets.US_ASCII) + source + ":");
    }

    /** @param scanner that has just come by this key */
    void lookAt(RdbItem.Entry entry, RdbScanner scanner) throws IOException {
        if (!entry.key().startsWith(prefix) || found.size() >= CANARIES_MAX) {
            return;
        }
        Beginning value = new Beginning();
        scanner.copyValue(value);
        if (!value.isCut) {
            SmallHash.fields(entry.type(), value.kept.toByteArray())
                    .flatMap(CanarySearch::canary)
                    .ifPresent(found::add);
        }
    }

    List<Canary> found() {
        return List.copyOf(found);
    }

    private static Optional<Canary> canary(Map<Bytes, Bytes> fields) {
        Optional<String> watch = text(fields, "watch");
        Optional<String> node = text(fields, "node");
        Optional<String> runId = text(fields, "run_id");
        Optional<String> n = text(fields, "n").filter(CanarySearch::isNumber);
        Optional<String> at = text(fields, "at").filter(CanarySearch::isNumber);
        if (watch.isEmpty() || node.isEmpty() || runId.isEmpty() || n.isEmpty() || at.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new Canary(watch.get(), node.get(), runId.get(), Long.parseLong(n.get()), Long.parseLong(at.get())));
    }

    private static Optional<String> text(Map<Bytes, Bytes> fields, String name) {
        return Optional.ofNullable(fields.get(Bytes.utf8(name))).flatMap(Bytes::asUtf8);
    }

    private static boolean isNumber(String text) {
        return text.matches("\\d{1,18}");
    }

    /** Keeps the first bytes and lets the rest go by. */
    private static final class Beginning extends OutputStream {
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private boolean isCut;

        @Override
        public void write(int octet) {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            int room = CANARY_BYTES_MAX - kept.size();
            isCut |= length > room;
            kept.write(bytes, from, Math.min(length, room));
        }
    }
}
