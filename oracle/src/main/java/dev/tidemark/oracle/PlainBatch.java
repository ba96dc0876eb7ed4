package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Operation;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Bare commands with a TIME before, after, and every so often between: each happened between its two neighbours. */
final class PlainBatch implements Batch {
    private static final int WRITES_BETWEEN_TIMES = 32;

    private final List<PlainWrite> writes;
    private final Map<OwnKey, Operation> open = new LinkedHashMap<>();

    PlainBatch(List<PlainWrite> writes) {
        this.writes = writes;
        writes.forEach(write -> open.put(write.key(), write.operation()));
    }

    @Override
    public int ops() {
        return writes.size();
    }

    @Override
    public Map<OwnKey, Operation> open() {
        return open;
    }

    @Override
    public void send(RedisConnection connection) throws IOException {
        for (int i = 0; i < writes.size(); i++) {
            if (i % WRITES_BETWEEN_TIMES == 0) {
                connection.send(Command.TIME);
            }
            connection.send(writes.get(i).command());
        }
        connection.send(Command.TIME);
        connection.flush();
    }

    @Override
    public void settle(RedisConnection connection, Chronicle chronicle) throws IOException {
        long fromMicros = RedisConnection.microsOf(connection.receive());
        for (int start = 0; start < writes.size(); start += WRITES_BETWEEN_TIMES) {
            List<PlainWrite> part = writes.subList(start, Math.min(start + WRITES_BETWEEN_TIMES, writes.size()));
            boolean[] refused = new boolean[part.size()];
            for (int i = 0; i < refused.length; i++) {
                refused[i] = connection.receive() instanceof Reply.Failure failure && counted(failure, chronicle);
            }
            long throughMicros = RedisConnection.microsOf(connection.receive());
            for (int i = 0; i < refused.length; i++) {
                log(part.get(i), refused[i], fromMicros, throughMicros, chronicle);
            }
            fromMicros = throughMicros;
        }
    }

    private static boolean counted(Reply.Failure failure, Chronicle chronicle) {
        chronicle.refused(failure.message());
        return true;
    }

    private void log(PlainWrite write, boolean refused, long fromMicros, long throughMicros, Chronicle chronicle) {
        if (refused) {
            write.key().history().settled();
        } else {
            chronicle.wrote(write.key().history(), write.leaves(), fromMicros, throughMicros, write.operation());
            chronicle.performed(write.operation());
            write.key().flavour(OwnKey.Flavour.CHUNK);
        }
        open.remove(write.key());
    }

    @Override
    public void release() {
        // Nothing was held: the order of the keys keeps them apart.
    }
}
