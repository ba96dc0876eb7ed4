package dev.tidemark.capture;

import dev.tidemark.schemas.redis.RedisSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;

/**
 * How a batch is asked for: as a transaction or, where a full server refuses that, as a script. The answer of either is the
 * same: the time, the statistics of the databases if they are asked for, and for each key its expiry if that is asked for, its
 * type if it is read by DUMP, which takes any, and its value.
 */
final class ReadCommands {
    private static final int FIRST_WITH_PEXPIRETIME = 70000;
    private static final int FIRST_WITH_SCRIPT_FLAGS = 70000;
    /** Redis has it since 7.4; Valkey 9, which has it too, calls itself 7.2.4. */
    private static final int FIRST_THAT_MAY_HAVE_FIELD_EXPIRY = 70200;

    /** The statistics cost as much as the expiries of some keys. */
    private static final int KEYS_WORTH_STATISTICS = 8;

    private static final byte[] MULTI = RedisSocket.encoded(0, "MULTI");
    private static final byte[] TIME = RedisSocket.encoded(0, "TIME");
    private static final byte[] KEYSPACE = RedisSocket.encoded(0, "INFO", "keyspace");
    private static final byte[] TYPE = RedisSocket.encoded(1, "TYPE");
    private static final byte[] EXEC = RedisSocket.encoded(0, "EXEC");
    private static final Map<KeyReader.Shape, byte[]> VALUE = new EnumMap<>(KeyReader.Shape.class);

    static {
        for (KeyReader.Shape shape : KeyReader.Shape.values()) {
            VALUE.put(shape, RedisSocket.encoded(1, shape.command()));
        }
    }

    /** A script that says that it writes nothing may run when memory is full. */
    private static final String MAY_RUN_WHEN_FULL = "#!lua flags=no-writes\n";

    private static final String SCRIPT = """
            local answer = {redis.call('TIME')}
            answer[2] = redis.call('INFO', 'keyspace')
            for i, key in ipairs(KEYS) do
                answer[#answer + 1] = redis.call(ARGV[1], key)
                if ARGV[1 + i] == 'DUMP' then answer[#answer + 1] = redis.call('TYPE', key) end
                answer[#answer + 1] = redis.pcall(ARGV[1 + i], key)
            end
            return answer
            """;

    private final boolean expiryIsAbsolute;
    private final boolean fieldsMayExpire;
    private final String expiry;
    private final byte[] encodedExpiry;
    private final byte[] script;

    ReadCommands(int version) {
        this.expiryIsAbsolute = version >= FIRST_WITH_PEXPIRETIME;
        this.fieldsMayExpire = version >= FIRST_THAT_MAY_HAVE_FIELD_EXPIRY;
        this.expiry = expiryIsAbsolute ? "PEXPIRETIME" : "PTTL";
        this.encodedExpiry = RedisSocket.encoded(1, expiry);
        this.script = word(version >= FIRST_WITH_SCRIPT_FLAGS ? MAY_RUN_WHEN_FULL + SCRIPT : SCRIPT);
    }

    /** Whether expiries are told as times; before that, as what is left. */
    boolean expiryIsAbsolute() {
        return expiryIsAbsolute;
    }

    /**
     * The form for a batch of so many keys.
     *
     * @param keysExpire whether some key had an expiry of late
     */
    ReadForm form(int keys, boolean keysExpire) {
        boolean withKeyspace = fieldsMayExpire || keys >= KEYS_WORTH_STATISTICS;
        return new ReadForm(false, keysExpire || !withKeyspace, withKeyspace);
    }

    void transaction(RedisSocket redis, ReadBatch batch, ReadForm form) throws IOException {
        redis.raw(MULTI);
        redis.raw(TIME);
        if (form.withKeyspace()) {
            // Before the keys, so that each can be judged as soon as it has come.
            redis.raw(KEYSPACE);
        }
        for (KeyRead read : batch.reads()) {
            byte[] key = read.ref().key().array();
            if (form.withExpiry()) {
                redis.raw(encodedExpiry);
                redis.word(key);
            }
            if (read.shape() == KeyReader.Shape.OTHER) {
                redis.raw(TYPE);
                redis.word(key);
            }
            redis.raw(VALUE.get(read.shape()));
            redis.word(key);
        }
        redis.raw(EXEC);
    }

    /** How many commands are queued between MULTI and EXEC. */
    static int queuedBy(ReadBatch batch, ReadForm form) {
        int queued = form.withKeyspace() ? 2 : 1;
        for (KeyRead read : batch.reads()) {
            queued += (form.withExpiry() ? 2 : 1) + (read.shape() == KeyReader.Shape.OTHER ? 1 : 0);
        }
        return queued;
    }

    void script(RedisSocket redis, ReadBatch batch) throws IOException {
        redis.begin(4 + 2 * batch.reads().size());
        redis.word(word("EVAL"));
        redis.word(script);
        redis.word(word(Integer.toString(batch.reads().size())));
        for (KeyRead read : batch.reads()) {
            redis.word(read.ref().key().array());
        }
        redis.word(word(expiry));
        for (KeyRead read : batch.reads()) {
            redis.word(word(read.shape().command()));
        }
    }

    private static byte[] word(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
