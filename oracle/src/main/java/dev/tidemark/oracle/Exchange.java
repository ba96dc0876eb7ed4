package dev.tidemark.oracle;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;

/**
 * {@code MULTI; TIME; commands; observation; TIME; EXEC}. The commands take effect, and the observation is made, at
 * one instant between the two times.
 *
 * <p>Redis counts expiry inside a MULTI by one clock reading taken when EXEC began, at or before the first TIME.
 */
final class Exchange {
    private static final int TIMES = 2;

    private final long fromMicros;
    private final long throughMicros;
    private final List<Reply> performed;
    private final List<Reply> observed;
    private final String refused;

    private Exchange(List<Reply> replies, int commands) {
        this.fromMicros = RedisConnection.microsOf(replies.get(0));
        this.throughMicros = RedisConnection.microsOf(replies.get(replies.size() - 1));
        this.performed = replies.subList(1, 1 + commands);
        this.observed = replies.subList(1 + commands, replies.size() - 1);
        this.refused = null;
    }

    private Exchange(String refused) {
        this.fromMicros = 0;
        this.throughMicros = 0;
        this.performed = List.of();
        this.observed = List.of();
        this.refused = refused;
    }

    static void send(RedisConnection connection, List<Command> commands, List<Command> observation) throws IOException {
        connection.send(Command.MULTI);
        connection.send(Command.TIME);
        for (Command command : commands) {
            connection.send(command);
        }
        for (Command command : observation) {
            connection.send(command);
        }
        connection.send(Command.TIME);
        connection.send(Command.EXEC);
    }

    /** As many commands, and as many for observation, as were sent. */
    static Exchange receive(RedisConnection connection, int commands, int observation) throws IOException {
        if (connection.receive() instanceof Reply.Failure failure) {
            // Everything after it was performed, or refused, as bare commands: nobody can say what happened.
            throw new IOException("MULTI was refused: " + failure.message());
        }
        String firstRefusal = null;
        for (int queued = 0; queued < commands + observation + TIMES; queued++) {
            if (connection.receive() instanceof Reply.Failure failure && firstRefusal == null) {
                firstRefusal = failure.message();
            }
        }
        Reply executed = connection.receive();
        if (executed instanceof Reply.Failure failure) {
            // EXECABORT for what was refused before; or a reason of its own, as when a slot moved meanwhile.
            return new Exchange(firstRefusal == null ? failure.message() : firstRefusal);
        }
        return new Exchange(executed.items(), commands);
    }

    long fromMicros() {
        return fromMicros;
    }

    long throughMicros() {
        return throughMicros;
    }

    List<Reply> performed() {
        return performed;
    }

    Iterator<Reply> observed() {
        return observed.iterator();
    }

    /** Why nothing at all was performed; null if it was. */
    String refused() {
        return refused;
    }
}
