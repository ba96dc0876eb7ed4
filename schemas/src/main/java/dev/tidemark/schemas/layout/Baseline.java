package dev.tidemark.schemas.layout;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.Slots;
import dev.tidemark.schemas.layout.ArchiveKey.BaselineKey;
import java.util.List;
import java.util.Objects;

/**
 * A snapshot of a source, one of each of its nodes. That this was written says that each of them was read to its end, that
 * its checksum matched, and that a canary in it told its date.
 *
 * @param manifest where it lies
 */
public record Baseline(BaselineKey manifest, String source, Mode mode, List<Node> nodes) {

    /** Where the snapshots came from. */
    public enum Mode {
        REPLICATION,
        FILE,
        IMPORT
    }

    /**
     * One node's snapshot, which was forked at some moment in [begin, fork] of the primary's clock.
     *
     * @param name of the node it was taken from
     * @param runId of the primary whose canary is in it
     * @param watch whose barrier {@code n} the canary is of
     * @param slots whose keys count; others may be in it, on their way from or to another node
     * @param keys in it, canaries and all
     */
    public record Node(
            String name,
            String runId,
            String replId,
            String watch,
            long n,
            Slots slots,
            long beginMicros,
            long forkMicros,
            int rdbVersion,
            String redisVersion,
            long keys,
            StoredFile snapshot) {
        public Node {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(runId, "runId");
            Objects.requireNonNull(replId, "replId");
            Objects.requireNonNull(watch, "watch");
            Objects.requireNonNull(slots, "slots");
            Objects.requireNonNull(redisVersion, "redisVersion");
            Objects.requireNonNull(snapshot, "snapshot");
            if (beginMicros > forkMicros) {
                throw new IllegalArgumentException(
                        "a snapshot cannot begin at %d and be forked at %d".formatted(beginMicros, forkMicros));
            }
        }
    }

    /** An object, and how one knows that it is whole. */
    public record StoredFile(BaselineKey key, long bytes, Bytes sha256) {
        public StoredFile {
            Objects.requireNonNull(key, "key");
            if (bytes < 0 || sha256.length() != 32) {
                throw new IllegalArgumentException(
                        "no file has %d bytes and a checksum of %d".formatted(bytes, sha256.length()));
            }
        }
    }

    public Baseline {
        Objects.requireNonNull(manifest, "manifest");
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(mode, "mode");
        nodes = List.copyOf(nodes);
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("a baseline has a node at least");
        }
    }

    /** Every change up to here is in it. */
    public long beginMicros() {
        return nodes.stream().mapToLong(Node::beginMicros).min().orElseThrow();
    }

    /** No change after here is in it. */
    public long forkMicros() {
        return nodes.stream().mapToLong(Node::forkMicros).max().orElseThrow();
    }

    public long bytes() {
        return nodes.stream().mapToLong(node -> node.snapshot().bytes()).sum();
    }
}
