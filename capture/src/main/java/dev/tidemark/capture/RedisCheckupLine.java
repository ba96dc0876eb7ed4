package dev.tidemark.capture;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.ProtocolKeyword;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A connection on which any command can be tried. What it brings is thrown away; only whether it was obeyed is told. */
final class RedisCheckupLine implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final StatefulRedisConnection<byte[], byte[]> connection;

    RedisCheckupLine(StatefulRedisConnection<byte[], byte[]> connection) {
        this.connection = connection;
    }

    StatefulRedisConnection<byte[], byte[]> connection() {
        return connection;
    }

    RedisAnswer tried(String... words) {
        return answer(send(List.of(words), new byte[0]));
    }

    /** Tries all of them at once, in this order. */
    List<RedisAnswer> tried(List<List<String>> commands, byte[] canary) {
        List<Future<?>> answers = new ArrayList<>();
        for (List<String> words : commands) {
            answers.add(send(words, canary));
        }
        return answers.stream().map(RedisCheckupLine::answer).toList();
    }

    Future<?> send(List<String> words, byte[] canary) {
        CommandArgs<byte[], byte[]> args = new CommandArgs<>(ByteArrayCodec.INSTANCE);
        for (String word : words.subList(1, words.size())) {
            args.add(word.equals(RedisRight.CANARY) ? canary : word.getBytes(StandardCharsets.UTF_8));
        }
        return connection.async().dispatch(new Word(words.get(0)), new Discarded(), args);
    }

    /** What became of it; a server that does not answer is an error and no answer. */
    static RedisAnswer answer(Future<?> sent) {
        try {
            sent.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return RedisAnswer.OBEYED;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RedisCommandExecutionException refused) {
                return new RedisAnswer(refused.getMessage());
            }
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "the connection broke: " + e.getCause().getMessage(),
                    e);
        } catch (TimeoutException e) {
            throw new TidemarkError(ExitCode.UNREACHABLE, "no answer within %d s".formatted(PATIENCE.toSeconds()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(ExitCode.UNREACHABLE, "interrupted", e);
        }
    }

    @Override
    public void close() {
        connection.close();
    }

    /** In lower case, so that the client does not take MULTI, SELECT or AUTH for its own and act on them. */
    private record Word(String text) implements ProtocolKeyword {
        @Override
        public byte[] getBytes() {
            return text.getBytes(StandardCharsets.US_ASCII);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Takes an answer of any shape. */
    private static final class Discarded extends CommandOutput<byte[], byte[], Void> {
        Discarded() {
            super(ByteArrayCodec.INSTANCE, null);
        }

        @Override
        public void set(ByteBuffer bytes) {}

        @Override
        public void setSingle(ByteBuffer bytes) {}

        @Override
        public void set(long integer) {}

        @Override
        public void multi(int count) {}
    }
}
