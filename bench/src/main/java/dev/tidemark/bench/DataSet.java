package dev.tidemark.bench;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRowCodec;
import dev.tidemark.schemas.log.Value;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** So many keys of one kind, and the commands that write, read and touch them. */
record DataSet(KeyKind kind, int keys) {
    private static final int LOAD_BATCH = 500;

    /** Enough that no cache holds them all, and little enough to be held. */
    private static final long RECORD_BYTES_MAX = 64L << 20;

    DataSet {
        if (keys < 1) {
            throw new IllegalArgumentException("a data set of " + keys + " keys");
        }
    }

    void load(PlainRedis redis) {
        for (int from = 0; from < keys; from += LOAD_BATCH) {
            RespCommands commands = new RespCommands();
            long replyBytes = 0;
            for (int number = from; number < Math.min(keys, from + LOAD_BATCH); number++) {
                Value value = kind.value(number);
                if (value instanceof Value.Hash hash) {
                    List<Bytes> words = new ArrayList<>(List.of(Bytes.utf8("HSET"), kind.key(number)));
                    hash.fields().forEach(field -> words.addAll(List.of(field.name(), field.value())));
                    commands.add(words);
                    replyBytes += ":%d\r\n".formatted(hash.fields().size()).length();
                } else if (value instanceof Value.Text text) {
                    commands.add(List.of(Bytes.utf8("SET"), kind.key(number), text.bytes()));
                    replyBytes += "+OK\r\n".length();
                }
            }
            redis.exchange(commands.bytes(), replyBytes);
        }
    }

    /** A write of every key, such as its users make, that leaves its value as it is. */
    byte[] touches() {
        RespCommands commands = new RespCommands();
        for (int number = 0; number < keys; number++) {
            Value value = kind.value(number);
            if (value instanceof Value.Hash hash) {
                Value.Field first = hash.fields().get(0);
                commands.add(List.of(Bytes.utf8("HSET"), kind.key(number), first.name(), first.value()));
            } else if (value instanceof Value.Text text) {
                Bytes first = Bytes.wrap(new byte[] {text.bytes().at(0)});
                commands.add(List.of(Bytes.utf8("SETRANGE"), kind.key(number), Bytes.utf8("0"), first));
            }
        }
        return commands.bytes();
    }

    long touchReplyBytes() {
        String reply =
                switch (kind) {
                    case CHUNK, VECTOR -> ":0\r\n";
                    case STRING -> ":%d\r\n".formatted(KeyKind.STRING_BYTES);
                };
        return (long) keys * reply.length();
    }

    byte[] reads() {
        Bytes command = Bytes.utf8(
                switch (kind) {
                    case CHUNK, VECTOR -> "HGETALL";
                    case STRING -> "GET";
                });
        RespCommands commands = new RespCommands();
        for (int number = 0; number < keys; number++) {
            commands.add(List.of(command, kind.key(number)));
        }
        return commands.bytes();
    }

    long readReplyBytes() {
        long bytes = 0;
        for (int number = 0; number < keys; number++) {
            Value value = kind.value(number);
            if (value instanceof Value.Hash hash) {
                bytes += RespCommands.arrayHeadBytes(2 * hash.fields().size());
                for (Value.Field field : hash.fields()) {
                    bytes += RespCommands.bulkBytes(field.name()) + RespCommands.bulkBytes(field.value());
                }
            } else if (value instanceof Value.Text text) {
                bytes += RespCommands.bulkBytes(text.bytes());
            }
        }
        return bytes;
    }

    /**
     * Records of the log as capture would write them, of the first keys. There are as many as a bounded piece of memory
     * holds; who needs more begins again from the first.
     */
    List<byte[]> records() {
        LogRowCodec codec = new LogRowCodec();
        List<byte[]> records = new ArrayList<>();
        long bytes = 0;
        for (int number = 0; number < keys && bytes < RECORD_BYTES_MAX; number++) {
            long micros = 1_800_000_000_000_000L + number;
            byte[] record = codec.encode(new LogRow.Change(
                    1, micros, micros - 1_000_000, 0, kind.key(number), kind.value(number), OptionalLong.empty(), ""));
            records.add(record);
            bytes += record.length;
        }
        return List.copyOf(records);
    }

    /** Commands as a Redis server reads them, one after the other. */
    private static final class RespCommands {
        private static final byte[] LINE_END = {'\r', '\n'};
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        void add(List<Bytes> words) {
            head('*', words.size());
            for (Bytes word : words) {
                head('$', word.length());
                out.writeBytes(word.array());
                out.writeBytes(LINE_END);
            }
        }

        byte[] bytes() {
            return out.toByteArray();
        }

        private void head(char mark, int number) {
            out.write(mark);
            out.writeBytes(Bytes.utf8(Integer.toString(number)).array());
            out.writeBytes(LINE_END);
        }

        static long arrayHeadBytes(int length) {
            return Integer.toString(length).length() + 3L;
        }

        static long bulkBytes(Bytes value) {
            return Integer.toString(value.length()).length() + 3L + value.length() + 2L;
        }
    }
}
