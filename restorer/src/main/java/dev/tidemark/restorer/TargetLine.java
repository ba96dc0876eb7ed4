package dev.tidemark.restorer;

import dev.tidemark.schemas.redis.RedisRefused;
import dev.tidemark.schemas.redis.RedisSocket;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * One connection to one database of a target, and its thread, which does the waiting: it writes what it is given, and takes
 * answers when there is nothing to write or enough is under way. What waits for it is for whoever gives it to bound.
 *
 * <p>It breaks once and for all: then whatever was not answered has failed, and all that is sent later.
 */
final class TargetLine implements AutoCloseable {
    /**
     * What was written before is answered first: so much as the system takes from us at once, so that answers are read while a
     * slow link is written to, and a refusal is heard soon; and enough for a target far away.
     */
    private static final long BYTES_UNDER_WAY = 2L << 20;

    private final RedisSocket redis;
    private final Thread thread;
    private final BlockingQueue<List<Command>> waiting = new LinkedBlockingQueue<>();
    private final Queue<List<Command>> written = new ArrayDeque<>();
    private long writtenBytes;
    /** Once it is broken. */
    private Throwable why;

    /** @param answer of one line; or why there is none, {@link RedisRefused} if that is what the server says */
    record Command(List<byte[]> words, long bytes, CompletableFuture<String> answer) {
        static Command of(List<byte[]> words) {
            long bytes = 0;
            for (byte[] word : words) {
                bytes += word.length;
            }
            return new Command(words, bytes, new CompletableFuture<>());
        }
    }

    /** Connects; blocks. */
    TargetLine(TargetRedis node, int db) {
        this.redis = node.patientSocket(db, "");
        this.thread = new Thread(this::run, "restore-writer");
        thread.setDaemon(true);
        thread.start();
    }

    /** Returns at once. Answers come in the order of the commands, and are told on the line's own thread. */
    synchronized void send(List<Command> commands) {
        if (why == null) {
            waiting.add(commands);
        } else {
            fail(commands, why);
        }
    }

    private void run() {
        Throwable failure = new IOException("the connection was closed");
        try {
            while (true) {
                write();
                answer(written.element());
                writtenBytes -= bytes(written.remove());
            }
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        } finally {
            end(failure);
        }
    }

    private void write() throws IOException, InterruptedException {
        List<Command> next = written.isEmpty() ? redis.next(waiting) : next();
        if (next == null) {
            return;
        }
        while (next != null) {
            written.add(next);
            writtenBytes += bytes(next);
            for (Command command : next) {
                redis.begin(command.words().size());
                for (byte[] word : command.words()) {
                    redis.word(word);
                }
            }
            next = next();
        }
        redis.flush();
    }

    private List<Command> next() {
        return writtenBytes < BYTES_UNDER_WAY ? waiting.poll() : null;
    }

    private static long bytes(List<Command> commands) {
        long bytes = 0;
        for (Command command : commands) {
            bytes += command.bytes();
        }
        return bytes;
    }

    private void answer(List<Command> commands) throws IOException {
        for (Command command : commands) {
            try {
                command.answer().complete(redis.line());
            } catch (RedisRefused refused) {
                command.answer().completeExceptionally(refused);
            }
        }
    }

    private synchronized void end(Throwable failure) {
        why = failure;
        redis.close();
        written.forEach(commands -> fail(commands, failure));
        waiting.forEach(commands -> fail(commands, failure));
        waiting.clear();
    }

    /** Those that were answered before stay so. */
    private static void fail(List<Command> commands, Throwable why) {
        commands.forEach(command -> command.answer().completeExceptionally(why));
    }

    @Override
    public void close() {
        redis.close();
        thread.interrupt();
    }
}
