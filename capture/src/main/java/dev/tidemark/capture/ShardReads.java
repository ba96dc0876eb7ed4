package dev.tidemark.capture;

import dev.tidemark.capture.proof.Beats;
import dev.tidemark.capture.proof.Coverage;
import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.capture.proof.OpenKeys;
import dev.tidemark.capture.proof.ShardPart;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.CaptureSettings;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * From an open key to its row in the log: read, dated, written, acknowledged. Belongs to the loop's thread.
 *
 * <p>How much is under way is bounded by keys and by bytes; what a read will bring is not known, so it is taken to be as
 * large as the reads before it were on average, and at least one read is always allowed.
 */
final class ShardReads {
    private static final Duration RETRY = Duration.ofMillis(200);
    private static final Duration RETRY_LARGE = Duration.ofSeconds(5);
    private static final Duration SAY_AGAIN = Duration.ofSeconds(10);
    /** A key that is being read, and for whom. */
    private record Reading(OwnedShard shard, ShardPart part, OpenKeys.Read read) {
        private KeyRef ref() {
            return read.ref();
        }
    }

    /** What a node of a Cluster answers of a slot that is another one's. */
    private static final String ELSEWHERE = "MOVED";

    /** What a server answers of a key that our user may not read. It may be all keys of a prefix, and for days. */
    private static final String DENIED = "NOPERM";

    private static final int DENIED_A_SECOND = 100;
    private static final Duration RETRY_DENIED_MAX = Duration.ofMinutes(5);

    /**
     * A key that its node may have, and may not tell: a move that was given up leaves such keys. That the slot is not the
     * node's, and was not when the key was touched, is known when a barrier begun from now on is complete: had slots moved,
     * that would be a doubt.
     *
     * @param barrier the first such
     */
    private record Left(Reading reading, Coverage feeder, long barrier) {}

    /** A key whose read came to nothing and is due again at a later time. */
    private record Retry(long atNanos, Reading reading) {}

    private final LoopTools tools;
    private final CaptureSettings settings;
    private final LogWriter writer;
    private final LargeReads largeReads;
    private final CaptureMetrics metrics;
    private final Predicate<OwnedShard> ours;
    private final LogRefusal refusal;
    private final Bundle acknowledged;
    private final Deque<Retry> retries = new ArrayDeque<>();
    private final List<Left> left = new ArrayList<>();

    /** Keys that change together are mostly alike: what the last one was that was taken for something else. */
    private KeyReader.Shape likely = KeyReader.Shape.HASH;

    private long saidNanos = System.nanoTime() - SAY_AGAIN.toNanos();
    private int reading;
    private long averageBytes = 1_024;

    /** Hears that a record's outcome is unknown. */
    interface LogRefusal {
        void refused(int shard, Exception why);
    }

    ShardReads(
            LoopTools tools,
            LogWriter writer,
            LargeValues largeValues,
            Predicate<OwnedShard> ours,
            LogRefusal refusal) {
        this.tools = tools;
        this.settings = tools.settings().capture();
        this.metrics = tools.status().metrics();
        this.writer = writer;
        this.largeReads = new LargeReads(tools.mailbox(), largeValues::read);
        this.acknowledged = new Bundle(tools.mailbox());
        this.ours = ours;
        this.refusal = refusal;
    }

    /** How large a value is, as far as can be told before it is read. */
    long averageBytes() {
        return averageBytes;
    }

    /** Sends as many reads as the bounds allow, a part at a time in turn. */
    void issue(Collection<OwnedShard> owned, Map<String, SourceNode> nodes) {
        retryWhenDue();
        metrics.inFlight(reading, tools.inFlight().bytes());
        List<Reading> readable = readable(owned, nodes);
        for (boolean any = true; any && roomForAnother(); ) {
            any = false;
            for (Reading from : readable) {
                Optional<OpenKeys.Read> next =
                        roomForAnother() ? from.part().open().nextToRead() : Optional.empty();
                if (next.isPresent()) {
                    send(new Reading(from.shard(), from.part(), next.get()), nodes, likely, true);
                    any = true;
                }
            }
        }
        nodes.values().forEach(node -> node.reads().flush());
    }

    /** The parts that have something to read and a connection to read it on; without a key yet. */
    private static List<Reading> readable(Collection<OwnedShard> owned, Map<String, SourceNode> nodes) {
        List<Reading> readable = new ArrayList<>();
        for (OwnedShard shard : owned) {
            for (ShardPart part : shard.proof().parts()) {
                SourceNode node = nodes.get(part.node());
                if (node != null
                        && part.open().anyReadable()
                        && node.link().filter(node.reads()::connected).isPresent()) {
                    readable.add(new Reading(shard, part, null));
                }
            }
        }
        return readable;
    }

    private boolean roomForAnother() {
        long bytes = tools.inFlight().bytes();
        return (reading == 0 && bytes == 0)
                || (reading < settings.readsInFlightMax()
                        && bytes + (reading + 1) * averageBytes <= settings.bytesInFlightMax());
    }

    /** @param first whether nothing is known of the key but what keys are likely to be */
    private void send(Reading key, Map<String, SourceNode> nodes, KeyReader.Shape shape, boolean first) {
        reading++;
        nodes.get(key.part().node()).reads().read(key.ref(), shape, outcome -> {
            if (outcome instanceof KeyReader.Outcome.WrongShape) {
                finished(key, nodes, new KeyReader.Outcome.OtherShape(first ? shape.next() : KeyReader.Shape.OTHER));
            } else {
                finished(key, nodes, outcome);
            }
        });
    }

    private boolean isVoid(Reading key) {
        return !ours.test(key.shard()) || !key.shard().has(key.part());
    }

    private void finished(Reading key, Map<String, SourceNode> nodes, KeyReader.Outcome outcome) {
        reading--;
        if (isVoid(key)) {
            if (outcome instanceof KeyReader.Outcome.State unwanted) {
                release(unwanted.value());
            }
            return;
        }
        SourceNode node = nodes.get(key.part().node());
        if (outcome instanceof KeyReader.Outcome.State state) {
            take(key, node, state);
        } else if (outcome instanceof KeyReader.Outcome.OtherShape other
                && node != null
                && node.reads().canRead()) {
            likely = other.shape();
            send(key, nodes, other.shape(), false);
            node.reads().flush();
        } else if (outcome instanceof KeyReader.Outcome.TooLarge large) {
            readLarge(key, node, large.type());
        } else if (outcome instanceof KeyReader.Outcome.Failed failed) {
            failed(key, failed.why());
        } else {
            retry(key, RETRY);
        }
    }

    private void failed(Reading key, String why) {
        Optional<Coverage> feeder = key.part().feeder();
        if (why.equals(ELSEWHERE) && feeder.isPresent()) {
            left.add(new Left(key, feeder.get(), feeder.get().begun() + 1));
        } else {
            notRead(key, why);
            retry(key, why.equals(DENIED) ? untilDeniedAreAskedAgain() : RETRY);
        }
    }

    private Duration untilDeniedAreAskedAgain() {
        long millis = 1_000L * retries.size() / DENIED_A_SECOND;
        return Duration.ofMillis(Math.max(RETRY.toMillis(), Math.min(millis, RETRY_DENIED_MAX.toMillis())));
    }

    /** Whether nothing more is to be done for it. Its state is for the node to tell that has the slot. */
    private boolean isSettled(Left each) {
        Reading key = each.reading();
        if (isVoid(key)) {
            return true;
        }
        if (!key.part().isFedBy(each.feeder()) || each.feeder().over()) {
            key.part().open().failed(key.ref());
            return true;
        }
        boolean isProven = each.feeder().firstCompleteFrom(each.barrier()) != Beats.NONE;
        if (isProven) {
            key.part().open().acknowledged(key.ref());
        }
        return isProven;
    }

    private void take(Reading key, SourceNode node, KeyReader.Outcome.State state) {
        if (state.value().sizeBytes() + key.ref().key().length() > settings.inlineBytesMax()) {
            release(state.value());
            readLarge(key, node, typeOf(state.value()));
        } else {
            write(key, state.timeMicros(), state.value(), state.expireAtMillis());
        }
    }

    private void release(Value value) {
        tools.inFlight().released(ValuesInFlight.sizeOf(value));
    }

    private static String typeOf(Value value) {
        if (value instanceof Value.Opaque opaque) {
            return opaque.type();
        }
        return value instanceof Value.Hash ? "hash" : "string";
    }

    /** Its value goes to S3 first; the key stays open until the record that refers to it is in the log. */
    private void readLarge(Reading key, SourceNode node, String type) {
        if (node == null || node.link().isEmpty()) {
            retry(key, RETRY);
            return;
        }
        LargeValues.Node where = node.large();
        largeReads.read(where, key.ref(), type, () -> isVoid(key), outcome -> largeRead(key, node, outcome));
    }

    private void largeRead(Reading key, SourceNode node, LargeValue outcome) {
        if (isVoid(key)) {
            return;
        }
        if (outcome instanceof LargeValue.State state) {
            tools.inFlight().took(state.value());
            write(key, state.timeMicros(), state.value(), state.expireAtMillis());
        } else if (outcome instanceof LargeValue.OtherType other) {
            readLarge(key, node, other.type());
        } else if (outcome instanceof LargeValue.Failed failed) {
            notRead(key, failed.why());
            retry(key, RETRY_LARGE);
        }
    }

    private void notRead(Reading key, String why) {
        metrics.late(LateCause.KEY_UNREADABLE);
        if (System.nanoTime() - saidNanos > SAY_AGAIN.toNanos()) {
            saidNanos = System.nanoTime();
            CaptureLog.late(
                    "a key of shard %d cannot be read: %s".formatted(key.shard().shard(), why));
        }
    }

    private void write(Reading key, long timeMicros, Value value, OptionalLong expireAtMillis) {
        if (tools.isTooFarAhead(timeMicros)) {
            // Dated so, it would date all later rows too.
            release(value);
            retry(key, RETRY);
            return;
        }
        OwnedShard shard = key.shard();
        long touchedAfter = key.part().timeOf(key.read().since());
        LogRow.Change change = new LogRow.Change(
                shard.epoch(),
                shard.proof().stampChange(timeMicros, touchedAfter),
                touchedAfter,
                key.ref().db(),
                key.ref().key(),
                value,
                expireAtMillis,
                key.read().event());
        long size = ValuesInFlight.sizeOf(value);
        averageBytes = Math.max(64, (averageBytes * 15 + size) / 16);
        long sentNanos = System.nanoTime();
        writer.row(
                shard.shard(),
                change,
                (metadata, failure) -> acknowledged.add(() -> written(key, size, sentNanos, metadata, failure)));
    }

    private void written(Reading key, long size, long sentNanos, RecordMetadata metadata, Exception failure) {
        tools.inFlight().released(size);
        OwnedShard shard = key.shard();
        if (!ours.test(shard)) {
            return;
        }
        if (failure != null) {
            refusal.refused(shard.shard(), failure);
            return;
        }
        metrics.acknowledged(System.nanoTime() - sentNanos);
        metrics.changeWritten(shard.shard(), metadata.serializedValueSize());
        shard.proof().acknowledged(metadata.offset());
        if (shard.has(key.part())) {
            key.part().open().acknowledged(key.ref());
        }
    }

    private void retry(Reading key, Duration after) {
        retries.add(new Retry(System.nanoTime() + after.toNanos(), key));
    }

    /** Keys of a shard that could not be read and are to be tried again. */
    long waiting(OwnedShard shard) {
        return retries.stream()
                .filter(retry -> retry.reading().shard() == shard)
                .count();
    }

    private void retryWhenDue() {
        left.removeIf(this::isSettled);
        long now = System.nanoTime();
        for (int left = retries.size(); left > 0; left--) {
            Retry retry = retries.poll();
            if (retry.atNanos() > now) {
                retries.add(retry);
            } else if (!isVoid(retry.reading())) {
                retry.reading().part().open().failed(retry.reading().ref());
            }
        }
    }
}
