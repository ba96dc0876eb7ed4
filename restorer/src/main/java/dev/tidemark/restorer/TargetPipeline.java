package dev.tidemark.restorer;

import dev.tidemark.restorer.TargetLine.Command;
import dev.tidemark.schemas.errors.TidemarkError;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/**
 * Commands to the servers of a target, sent without waiting for their answers, with a bounded number of bytes on their
 * way. What a node of a Cluster sends elsewhere is sent there, command by command, before anything new is sent. For one
 * thread.
 */
final class TargetPipeline implements AutoCloseable {
    /** What goes from hand to hand at once. */
    private static final long BATCH_BYTES = 128 << 10;
    /** What a command costs besides its words, here and in Redis's buffers. */
    private static final long COMMAND_BYTES = 64;

    private static final List<byte[]> ASKING = List.of("ASKING".getBytes(StandardCharsets.US_ASCII));

    private final TargetPrimaries target;
    private final Duration silenceMax;
    private final BytesInFlight inFlight;
    private final Map<Place, TargetLine> lines = new HashMap<>();
    private final Map<Place, List<Command>> batches = new HashMap<>();
    private final Queue<Redirected> redirected = new ConcurrentLinkedQueue<>();
    private long batchedBytes;

    private record Place(TargetRedis node, int db) {}

    /** A command, where it goes, and the answer that is right. */
    private record Sent(Place place, List<byte[]> words, Predicate<String> isRight) {
        Sent at(TargetRedis node) {
            return new Sent(new Place(node, place.db()), words, isRight);
        }

        TidemarkError wrong(String reply) {
            return TargetRedis.refused(
                    "%s was answered with %s, which is not right for a key that nobody else writes; is somebody else writing to %s?"
                            .formatted(
                                    TargetRedis.ascii(words.get(0)),
                                    reply,
                                    place.node().address()));
        }
    }

    private record Redirected(Sent sent, Redirection elsewhere) {}

    /** @param bytesInFlightMax of all servers together */
    TargetPipeline(TargetPrimaries target, long bytesInFlightMax, Duration silenceMax) {
        this.target = target;
        this.silenceMax = silenceMax;
        this.inFlight = new BytesInFlight(bytesInFlightMax, silenceMax);
    }

    /** @param words of the command, which are not to be written to any more */
    void send(TargetRedis node, int db, List<byte[]> words, Predicate<String> isRight) throws InterruptedException {
        check();
        follow();
        Sent sent = new Sent(new Place(node, db), words, isRight);
        Command command = Command.of(words);
        long size = COMMAND_BYTES + command.bytes();
        if (batchedBytes >= BATCH_BYTES || !inFlight.isRoomFor(size)) {
            flush();
        }
        inFlight.add(size);
        check();
        batchedBytes += size;
        CompletionStage<String> answer = command.answer();
        answer.whenComplete((reply, failure) -> inFlight.answered(size, outcome(sent, reply, failure)));
        batches.computeIfAbsent(sent.place(), each -> new ArrayList<>()).add(command);
    }

    /** Nothing for an answer that is right, or that sends us elsewhere. */
    private Throwable outcome(Sent sent, String reply, Throwable failure) {
        if (failure == null) {
            return sent.isRight().test(reply) ? null : sent.wrong(reply);
        }
        Optional<Redirection> elsewhere = Redirection.of(failure);
        elsewhere.ifPresent(there -> redirected.add(new Redirected(sent, there)));
        return elsewhere.isPresent() ? null : failure;
    }

    /** In the order of the answers, which is that of the commands of each key. */
    private void follow() throws InterruptedException {
        for (Redirected next = redirected.poll(); next != null; next = redirected.poll()) {
            follow(next);
        }
    }

    private void follow(Redirected first) throws InterruptedException {
        long beganNanos = System.nanoTime();
        Redirected next = first;
        while (true) {
            TargetRedis node = target.follow(next.sent().place().node(), next.elsewhere());
            Sent sent = next.sent().at(node);
            try {
                String reply = ask(sent, next.elsewhere().isForNow());
                if (!sent.isRight().test(reply)) {
                    throw RedisReplies.failed(node.address(), sent.wrong(reply), "");
                }
                return;
            } catch (ExecutionException e) {
                Optional<Redirection> elsewhere = Redirection.of(e.getCause());
                if (elsewhere.isEmpty() || System.nanoTime() - beganNanos > silenceMax.toNanos()) {
                    throw RedisReplies.failed(node.address(), e, "");
                }
                // Two nodes that do not agree yet send us to and fro.
                TargetPrimaries.pause();
                next = new Redirected(sent, elsewhere.get());
            } catch (TimeoutException e) {
                throw RedisReplies.failed(node.address(), e, "");
            }
        }
    }

    private String ask(Sent sent, boolean isForNow) throws InterruptedException, ExecutionException, TimeoutException {
        Command command = Command.of(sent.words());
        line(sent.place()).send(isForNow ? List.of(Command.of(ASKING), command) : List.of(command));
        return command.answer().get(silenceMax.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Sends what was held back to go together. */
    void flush() {
        batches.forEach((place, commands) -> line(place).send(commands));
        batches.clear();
        batchedBytes = 0;
    }

    /** Waits for every answer. */
    void finish() throws InterruptedException {
        flush();
        inFlight.awaitNone();
        check();
        follow();
    }

    private TargetLine line(Place place) {
        return lines.computeIfAbsent(place, each -> new TargetLine(each.node(), each.db()));
    }

    /** Throws the first thing that went wrong. */
    void check() {
        inFlight.failure().ifPresent(failure -> {
            throw RedisReplies.failed(target.address(), failure, "");
        });
    }

    /** What was not answered may or may not be done. */
    @Override
    public void close() {
        lines.values().forEach(TargetLine::close);
    }
}
