package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.CanonicalForm;
import dev.tidemark.oracle.judge.KeyState;
import dev.tidemark.oracle.judge.Operation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Commands that replace a whole value, so that what they leave is known without looking. A key is a string or a hash
 * for ever, and only strings expire: HSET on a key about to expire would leave nobody knows which.
 */
final class PlainComposer implements Composer {
    private static final int HASHES_ONE_IN = 3;

    private final OwnKeys keys;
    private final Random random;
    private final Values values;
    private final List<OwnKey> order;
    private final byte[] filler;
    private int next;
    private long written;

    PlainComposer(OwnKeys keys, Random random) {
        this.keys = keys;
        this.random = random;
        this.values = new Values(random);
        this.order = new ArrayList<>(keys.all());
        Collections.shuffle(order, random);
        this.filler = values.embedding();
    }

    /** Walks the keys in a fixed order, so that none comes twice in a batch. */
    @Override
    public Batch compose(RedisConnection connection, ServerFacts server, long nowMillis, int opsMax) {
        List<PlainWrite> writes = new ArrayList<>(opsMax);
        for (int i = 0; i < opsMax; i++) {
            OwnKey key = order.get(next);
            next = (next + 1) % order.size();
            writes.add(write(key, nowMillis));
        }
        return new PlainBatch(writes);
    }

    @Override
    public OwnKeys keys() {
        return keys;
    }

    private PlainWrite write(OwnKey key, long nowMillis) {
        written++;
        int draw = random.nextInt(20);
        boolean hash = key.index() % HASHES_ONE_IN == 0;
        // What others left in a hash would show through HSET: the first write of it is always a DEL.
        if (draw == 0 || (hash && key.flavour() != OwnKey.Flavour.CHUNK)) {
            return new PlainWrite(Operation.PLAIN_DEL, key, Command.of("DEL", key), KeyState.ABSENT);
        }
        if (hash) {
            return hash(key);
        }
        byte[] value = bytes("value " + written + " of " + key.index());
        KeyState state = CanonicalForm.string(value);
        if (draw == 1) {
            long at = nowMillis + values.ttlMillis();
            Command command = Command.of("SET", key, value, "PXAT", at);
            return new PlainWrite(Operation.PLAIN_SET_PXAT, key, command, state.expiringAt(at));
        }
        return new PlainWrite(Operation.PLAIN_SET, key, Command.of("SET", key, value), state);
    }

    private PlainWrite hash(OwnKey key) {
        List<byte[]> fields = List.of(
                bytes("chunk_id"),
                bytes("c" + key.index()),
                bytes("text"),
                bytes("text " + written),
                bytes("text_embedding"),
                filler);
        Object[] words = new Object[2 + fields.size()];
        words[0] = "HSET";
        words[1] = key;
        for (int i = 0; i < fields.size(); i++) {
            words[2 + i] = fields.get(i);
        }
        return new PlainWrite(Operation.PLAIN_HSET, key, Command.of(words), CanonicalForm.hash(fields));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
