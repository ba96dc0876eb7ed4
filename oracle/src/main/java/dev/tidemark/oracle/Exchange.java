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

    static Exchange receive(RedisConnection connection, int commands) throws IOException {
        if (connection.receive() instanceof Reply.Failure failure) {
            // Everything after it was performed, or refused, as bare commands: nobody can say what happened.
            throw new IOException("MULTI was refused: " + failure.message());
        }
        String firstRefusal = null;
        while (true) {
            // QUEUED or an error for each command, then what EXEC says: an array, or EXECABORT.
            Reply reply = connection.receive();
            if (reply instanceof Reply.Items items) {
                return new Exchange(items.items(), commands);
            }
            if (reply instanceof Reply.Failure failure) {
                firstRefusal = firstRefusal == null ? failure.message() : firstRefusal;
                if (failure.code().equals("EXECABORT")) {
                    return new Exchange(firstRefusal);
                }
            }
        }
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
