package dev.tidemark.capture;

import dev.tidemark.capture.proof.Barriers;
import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.capture.proof.OpenKeys;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.settings.CaptureSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * From an open key to its row in the log: read, dated, written, acknowledged. Belongs to the loop's thread.
 *
 * <p>How much is under way is bounded by keys and by bytes; what a read will bring is not known, so it is taken to be as
 * large as the reads before it were on average, and at least one read is always allowed.
 */
final class ShardReads implements AutoCloseable {
    private static final Duration RETRY = Duration.ofMillis(200);
    private static final Duration RETRY_TOO_LARGE = Duration.ofSeconds(10);
    private static final Duration READER_PATIENCE = Duration.ofSeconds(30);
    private static final Duration SAY_AGAIN = Duration.ofSeconds(10);
    private static final Duration CLOCK_AHEAD_MAX = Duration.ofSeconds(5);

    /** A key whose read came to nothing and is due again at a later time. */
    private record Retry(long atNanos, OwnedShard shard, KeyRef ref) {}

    private final CaptureSettings settings;
    private final RedisServerLink server;
    private final CapturedKeys keys;
    private final LogWriter writer;
    private final Mailbox mailbox;
    private final ExecutorService connector;
    private final Clock clock;
    private final Barriers barriers;
    private final Predicate<OwnedShard> ours;
    private final LogRefusal refusal;
    private final Deque<Retry> retries = new ArrayDeque<>();

    private KeyReader reader;
    private String readerRunId = "";
    private boolean connecting;
    private long connectAtNanos = System.nanoTime();
    /** Keys that change together are mostly alike: what the last one was that was taken for something else. */
    private KeyReader.Shape likely = KeyReader.Shape.HASH;

    private long heardNanos = System.nanoTime();
    private long saidNanos = System.nanoTime() - SAY_AGAIN.toNanos();
    private int reading;
    private long unacknowledgedBytes;
    private long averageBytes = 1_024;

    /** Hears that a record's outcome is unknown. */
    interface LogRefusal {
        void refused(int shard, Exception why);
    }

    ShardReads(
            CaptureSettings settings,
            RedisServerLink server,
            CapturedKeys keys,
            LogWriter writer,
            Mailbox mailbox,
            ExecutorService connector,
            Clock clock,
            Barriers barriers,
            Predicate<OwnedShard> ours,
            LogRefusal refusal) {
        this.settings = settings;
        this.server = server;
        this.keys = keys;
        this.writer = writer;
        this.mailbox = mailbox;
        this.connector = connector;
        this.clock = clock;
        this.barriers = barriers;
        this.ours = ours;
        this.refusal = refusal;
    }

    /** Sends as many reads as the bounds allow, a shard at a time in turn. */
    void issue(Collection<OwnedShard> owned, WatchLink link) {
        retryWhenDue();
        closeIfSilent();
        if (link == null || !connected(link)) {
            return;
        }
        boolean sent = false;
        for (boolean any = true; any && roomForAnother(); ) {
            any = false;
            for (OwnedShard shard : owned) {
                Optional<OpenKeys.Read> next = roomForAnother() ? shard.open().nextToRead() : Optional.empty();
                if (next.isPresent()) {
                    send(shard, next.get(), likely);
                    any = true;
                    sent = true;
                }
            }
        }
        if (sent) {
            reader.flush();
        }
    }

    /** A connection can die without a word. Closing it fails what waits on it, which is then read again on another. */
    private void closeIfSilent() {
        if (reader != null && reading > 0 && System.nanoTime() - heardNanos > READER_PATIENCE.toNanos()) {
            CaptureLog.late(
                    "no read was answered for " + READER_PATIENCE.toSeconds() + " s; reading on another connection");
            reader.close();
            reader = null;
        }
    }

    private boolean roomForAnother() {
        return (reading == 0 && unacknowledgedBytes == 0)
                || (reading < settings.readsInFlightMax()
                        && unacknowledgedBytes + (reading + 1) * averageBytes <= settings.bytesInFlightMax());
    }

    private void send(OwnedShard shard, OpenKeys.Read read, KeyReader.Shape shape) {
        if (reading == 0) {
            heardNanos = System.nanoTime();
        }
        reading++;
        reader.read(read.ref(), shape, outcome -> mailbox.post(() -> finished(shard, read, outcome)));
    }

    private void finished(OwnedShard shard, OpenKeys.Read read, KeyReader.Outcome outcome) {
        reading--;
        heardNanos = System.nanoTime();
        if (!ours.test(shard)) {
            return;
        }
        if (outcome instanceof KeyReader.Outcome.State state) {
            if (state.timeMicros() > (clock.millis() + CLOCK_AHEAD_MAX.toMillis()) * 1_000) {
                // Dated so, it would date all later rows too.
                retry(shard, read, RETRY);
            } else if (state.value().sizeBytes() + read.ref().key().length() > settings.valueBytesMax()) {
                CaptureLog.late(
                        "a key and its value in shard %d have %d bytes, more than capture.value-bytes-max; nothing newer can be claimed there"
                                .formatted(
                                        shard.shard(),
                                        state.value().sizeBytes()
                                                + read.ref().key().length()));
                retry(shard, read, RETRY_TOO_LARGE);
            } else {
                write(shard, read, state);
            }
        } else if (outcome instanceof KeyReader.Outcome.OtherShape other && reader != null) {
            likely = other.shape();
            send(shard, read, other.shape());
            reader.flush();
        } else {
            if (outcome instanceof KeyReader.Outcome.Failed failed) {
                sayOnceInAWhile(shard, failed.why());
            }
            retry(shard, read, RETRY);
        }
    }

    private void sayOnceInAWhile(OwnedShard shard, String why) {
        if (System.nanoTime() - saidNanos > SAY_AGAIN.toNanos()) {
            saidNanos = System.nanoTime();
            CaptureLog.late("a key of shard %d cannot be read: %s".formatted(shard.shard(), why));
        }
    }

    private void write(OwnedShard shard, OpenKeys.Read read, KeyReader.Outcome.State state) {
        long touchedAfter = barriers.beat(read.since()).timeMicros();
        LogRow.Change change = new LogRow.Change(
                shard.epoch(),
                shard.proof().stampChange(state.timeMicros(), touchedAfter),
                touchedAfter,
                read.ref().db(),
                read.ref().key(),
                state.value(),
                state.expireAtMillis(),
                read.event());
        // Counted before it is sent: the acknowledgement may be faster than the next line.
        long size = state.value().sizeBytes() + read.ref().key().length();
        unacknowledgedBytes += size;
        averageBytes = Math.max(64, (averageBytes * 15 + size) / 16);
        writer.row(
                shard.shard(),
                change,
                (metadata, failure) -> mailbox.post(() -> written(shard, read.ref(), size, metadata, failure)));
    }

    private void written(OwnedShard shard, KeyRef ref, long size, RecordMetadata metadata, Exception failure) {
        unacknowledgedBytes -= size;
        if (!ours.test(shard)) {
            return;
        }
        if (failure != null) {
            refusal.refused(shard.shard(), failure);
            return;
        }
        shard.proof().acknowledged(metadata.offset());
        shard.open().acknowledged(ref);
    }

    private void retry(OwnedShard shard, OpenKeys.Read read, Duration after) {
        retries.add(new Retry(System.nanoTime() + after.toNanos(), shard, read.ref()));
    }

    private void retryWhenDue() {
        long now = System.nanoTime();
        for (int left = retries.size(); left > 0; left--) {
            Retry retry = retries.poll();
            if (retry.atNanos() > now) {
                retries.add(retry);
            } else if (ours.test(retry.shard())) {
                retry.shard().open().failed(retry.ref());
            }
        }
    }

    /** A reader on the watch's own server; a broken one is replaced, which is late and no doubt. */
    private boolean connected(WatchLink link) {
        if (reader != null && reader.alive() && readerRunId.equals(link.runId())) {
            return true;
        }
        if (!connecting && System.nanoTime() >= connectAtNanos) {
            connecting = true;
            if (reader != null) {
                reader.close();
                reader = null;
            }
            connector.execute(() -> {
                try {
                    KeyReader opened = new KeyReader(server, keys.databases(), link.runId(), link.version());
                    mailbox.post(() -> opened(opened, link.runId()));
                } catch (RuntimeException e) {
                    mailbox.post(() -> notOpened(e));
                }
            });
        }
        return false;
    }

    private void opened(KeyReader opened, String runId) {
        connecting = false;
        reader = opened;
        readerRunId = runId;
    }

    private void notOpened(RuntimeException why) {
        connecting = false;
        connectAtNanos = System.nanoTime() + RETRY.toNanos();
        CaptureLog.unreachable(why.getMessage());
    }

    @Override
    public void close() {
        if (reader != null) {
            reader.close();
        }
    }
}
