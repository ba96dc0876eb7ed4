package dev.tidemark.capture;

import dev.tidemark.capture.KeyReader.Outcome;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.redis.RedisAddress;
import dev.tidemark.schemas.redis.RedisRefused;
import dev.tidemark.schemas.redis.RedisSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * One connection on which the keys of one database are read, and its thread, which does the waiting: for batches, for Redis,
 * and for room. A few batches are under way at a time, so that Redis always has one to work on.
 *
 * <p>It breaks once and for all: then whatever was sent and not answered has failed, and all that is sent later.
 */
final class ReadConnection implements AutoCloseable {
    private static final int BATCHES_UNDER_WAY = 4;
    private static final int KEYS_A_BATCH_MAX = 64;
    /** Of values, as far as their size is known: Redis holds the answers to all that is asked for at once. */
    private static final int BATCH_BYTES = 128 << 10;
    /** What is too large to be read counts as so many of the largest: then many small ones come one by one before two do. */
    private static final int WARY = 64;
    /** How long a full server is asked by scripts before a transaction is tried again. */
    private static final Duration FULL = Duration.ofSeconds(1);
    /** How long expiries are asked for after the last time that some key had one. */
    private static final Duration EXPIRING = Duration.ofSeconds(10);

    private final int db;
    private final long valueBytesMax;
    private final ValuesInFlight inFlight;
    private final Mailbox mailbox;
    private final RedisSocket redis;
    private final ReadCommands commands;
    private final Thread thread;
    private final BlockingQueue<ReadBatch> waiting = new LinkedBlockingQueue<>();
    private final Deque<Sent> sent = new ArrayDeque<>();
    /** Outcomes that are known and not told yet. */
    private List<Runnable> outcomes = new ArrayList<>();

    private long fullUntilNanos = System.nanoTime();
    private long expiringUntilNanos = System.nanoTime();
    /** Of a value, of late; until some have come, one is taken to be a batch. */
    private volatile long averageBytes = BATCH_BYTES;

    private boolean over;

    private record Sent(ReadBatch batch, ReadForm form) {}

    /** Connects, and makes sure that it is to the server with this run id; blocks. */
    ReadConnection(
            RedisAddress address, int db, String runId, long valueBytesMax, ValuesInFlight inFlight, Mailbox mailbox) {
        this.db = db;
        this.valueBytesMax = valueBytesMax;
        this.inFlight = inFlight;
        this.mailbox = mailbox;
        try {
            this.redis = RedisSocket.open(address, db);
            try {
                this.commands = new ReadCommands(enter(runId));
            } catch (IOException | RuntimeException e) {
                redis.close();
                throw e;
            }
        } catch (IOException e) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "Redis at %s cannot be read: %s. What is in the log and on S3 is safe; capture tries again"
                            .formatted(address, e.getMessage()),
                    e);
        }
        this.thread = new Thread(this::run, "tidemark-read");
        thread.setDaemon(true);
        thread.start();
    }

    /** @return the server's version */
    private int enter(String runId) throws IOException {
        redis.send(word("INFO"), word("server"));
        ServerInfo server = new ServerInfo().add(redis.text().getBytes(StandardCharsets.UTF_8));
        KeyReader.requireRunId(server, runId);
        redis.call("CLIENT", "SETNAME", "tidemark-capture");
        return server.version();
    }

    synchronized void send(ReadBatch batch) {
        if (over) {
            fail(batch.reads(), "the connection is gone");
        } else {
            waiting.add(batch);
        }
    }

    synchronized boolean alive() {
        return !over;
    }

    /** How many keys are asked for together, by what their values are expected to be. */
    int keysABatch() {
        return (int) Math.max(1, Math.min(KEYS_A_BATCH_MAX, BATCH_BYTES / averageBytes));
    }

    private void run() {
        String why = "the connection was given up";
        try {
            while (!Thread.currentThread().isInterrupted()) {
                write();
                answer(sent.remove());
            }
        } catch (IOException | RuntimeException e) {
            why = String.valueOf(e.getMessage());
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        } finally {
            end(why);
        }
    }

    private void write() throws IOException, InterruptedException {
        ReadBatch next = sent.isEmpty() ? redis.next(waiting) : waiting.poll();
        while (next != null) {
            next = cut(next);
            ReadForm form = form(next);
            sent.add(new Sent(next, form));
            if (form.asScript()) {
                commands.script(redis, next);
            } else {
                commands.transaction(redis, next, form);
            }
            next = sent.size() < BATCHES_UNDER_WAY ? waiting.poll() : null;
        }
        redis.flush();
    }

    /** What was put together when values were small may be too much by now: the rest waits for its turn. */
    private ReadBatch cut(ReadBatch batch) {
        List<KeyRead> reads = batch.reads();
        int keys = keysABatch();
        if (reads.size() <= keys) {
            return batch;
        }
        waiting.add(new ReadBatch(reads.subList(keys, reads.size())));
        return new ReadBatch(reads.subList(0, keys));
    }

    private ReadForm form(ReadBatch batch) {
        long now = System.nanoTime();
        return now < fullUntilNanos
                ? ReadForm.script()
                : commands.form(batch.reads().size(), now < expiringUntilNanos);
    }

    private void answer(Sent batch) throws IOException, InterruptedException {
        List<KeyRead> unanswered = new ArrayList<>(batch.batch().reads());
        try {
            RedisRefused refused = batch.form().asScript() ? null : queued(batch);
            try {
                redis.array();
            } catch (RedisRefused answer) {
                refuse(batch, refused == null ? answer : refused);
                unanswered.clear();
                return;
            }
            ReadAnswer answer = new ReadAnswer(redis, commands, batch.form(), db, valueBytesMax);
            if (answer.keysExpire()) {
                expiringUntilNanos = System.nanoTime() + EXPIRING.toNanos();
            }
            if (!answer.isWhole()) {
                for (KeyRead read : batch.batch().reads()) {
                    answer.skip(read.shape());
                }
                waiting.add(batch.batch());
                unanswered.clear();
                return;
            }
            for (KeyRead read : batch.batch().reads()) {
                if (inFlight.isFull()) {
                    tell();
                    inFlight.awaitRoom();
                }
                Outcome outcome = answer.next(read.shape());
                if (outcome instanceof Outcome.State state) {
                    inFlight.took(state.value());
                    brought(state.value().sizeBytes());
                } else if (outcome instanceof Outcome.TooLarge) {
                    brought(WARY * Math.max(BATCH_BYTES, valueBytesMax));
                }
                unanswered.remove(0);
                outcomes.add(() -> read.outcome().accept(outcome));
            }
        } finally {
            tell();
            fail(unanswered, "the connection broke off");
        }
    }

    private void brought(long bytes) {
        averageBytes = Math.max(64, (averageBytes * 31 + bytes) / 32);
    }

    /** The first refusal of a command that was to be queued, or null. */
    private RedisRefused queued(Sent batch) throws IOException {
        // MULTI itself: if that is refused, what follows was done at once, and nobody knows what comes now.
        redis.line();
        RedisRefused refused = null;
        for (int left = ReadCommands.queuedBy(batch.batch(), batch.form()); left > 0; left--) {
            try {
                redis.line();
            } catch (RedisRefused e) {
                refused = refused == null ? e : refused;
            }
        }
        return refused;
    }

    private void refuse(Sent batch, RedisRefused why) {
        if (why.code().equals("OOM") && !batch.form().asScript()) {
            fullUntilNanos = System.nanoTime() + FULL.toNanos();
            waiting.add(batch.batch());
        } else if (batch.batch().reads().size() > 1) {
            // One key's fault, perhaps.
            batch.batch().reads().forEach(read -> waiting.add(new ReadBatch(List.of(read))));
        } else {
            fail(batch.batch().reads(), why.code());
        }
    }

    private void tell() {
        if (!outcomes.isEmpty()) {
            List<Runnable> letter = outcomes;
            outcomes = new ArrayList<>();
            mailbox.post(() -> letter.forEach(Runnable::run));
        }
    }

    private void fail(List<KeyRead> reads, String why) {
        if (!reads.isEmpty()) {
            mailbox.post(() -> reads.forEach(read -> read.outcome().accept(new Outcome.Failed(why))));
        }
    }

    private synchronized void end(String why) {
        over = true;
        redis.close();
        sent.forEach(batch -> fail(batch.batch().reads(), why));
        sent.clear();
        waiting.forEach(batch -> fail(batch.reads(), why));
        waiting.clear();
    }

    private static byte[] word(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        redis.close();
        thread.interrupt();
    }
}
