package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Operation;
import dev.tidemark.oracle.judge.ValueType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * One operation being written down: its commands, the keys it may touch and the types each may hold afterwards. A
 * key that is picked is in flight until {@link #release}, so that no other operation of the batch touches it.
 */
final class Draft {
    /** No key is free for this operation just now; another one is drafted instead. */
    static final class NoKeyFree extends Exception {
        private static final long serialVersionUID = 1;

        NoKeyFree() {
            super("no key is free", null, false, false);
        }
    }

    private final Operation operation;
    private final OwnKeys keys;
    private final Random random;
    private final RedisConnection connection;
    private final Values values;
    private final long nowMillis;
    private final List<Command> commands = new ArrayList<>();
    private final Map<OwnKey, Set<ValueType>> touched = new LinkedHashMap<>();

    Draft(Operation operation, OwnKeys keys, Random random, RedisConnection connection, long nowMillis) {
        this.operation = operation;
        this.keys = keys;
        this.random = random;
        this.connection = connection;
        this.values = new Values(random);
        this.nowMillis = nowMillis;
    }

    Operation operation() {
        return operation;
    }

    List<Command> commands() {
        return commands;
    }

    Map<OwnKey, Set<ValueType>> touched() {
        return touched;
    }

    Values values() {
        return values;
    }

    /** Redis's clock, not long ago. */
    long nowMillis() {
        return nowMillis;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    boolean oneIn(int chances) {
        return random.nextInt(chances) == 0;
    }

    /** Adds a command. */
    void run(Object... words) {
        commands.add(Command.of(words));
    }

    /** A key of this type, or now and then one that is not there yet; the operation writes this type. */
    OwnKey pick(ValueType type) throws NoKeyFree {
        return pick(type, null);
    }

    /** Likewise, of this flavour; and after the operation, of no flavour but this. */
    OwnKey pick(ValueType type, OwnKey.Flavour flavour) throws NoKeyFree {
        OwnKey key = null;
        if (!oneIn(5)) {
            key = keys.idle(type, random, candidate -> flavour == null || candidate.flavour() == flavour)
                    .orElse(null);
        }
        if (key == null) {
            key = keys.idle(ValueType.ABSENT, random, candidate -> true)
                    .or(() -> keys.idle(type, random, candidate -> true))
                    .or(() -> keys.idle(random))
                    .orElseThrow(NoKeyFree::new);
        }
        if (flavour != null) {
            key.flavour(flavour);
        } else if (type == ValueType.STRING) {
            key.flavour(OwnKey.Flavour.NONE);
        }
        return mayBecome(key, type);
    }

    /** A key that does hold this type, as far as is known. */
    OwnKey existing(ValueType type) throws NoKeyFree {
        return mayBecome(keys.idle(type, random, key -> true).orElseThrow(NoKeyFree::new), type);
    }

    /** A key that holds anything. */
    OwnKey existing() throws NoKeyFree {
        for (int i = 0; i < 8; i++) {
            OwnKey key = keys.idle(random).orElseThrow(NoKeyFree::new);
            if (key.type() != ValueType.ABSENT) {
                return mayBecome(key, key.type());
            }
        }
        throw new NoKeyFree();
    }

    /** A key that holds nothing, as far as is known, and will hold this type. */
    OwnKey absent(ValueType becomes) throws NoKeyFree {
        OwnKey key = keys.idle(ValueType.ABSENT, random, candidate -> true).orElseThrow(NoKeyFree::new);
        key.flavour(OwnKey.Flavour.NONE);
        return mayBecome(key, becomes);
    }

    /** A key whatever it holds, which will hold this type. */
    OwnKey any(ValueType becomes) throws NoKeyFree {
        OwnKey key = keys.idle(random).orElseThrow(NoKeyFree::new);
        key.flavour(OwnKey.Flavour.NONE);
        return mayBecome(key, becomes);
    }

    /** Says that a picked key may hold this type afterwards, beside the one it holds now. */
    OwnKey mayBecome(OwnKey key, ValueType type) {
        key.inFlight(true);
        Set<ValueType> types = touched.computeIfAbsent(key, first -> EnumSet.of(first.type()));
        types.add(type);
        return key;
    }

    /** The serialized value of a key as it is now. */
    byte[] dumpOf(OwnKey key) throws IOException, NoKeyFree {
        if (connection.callAll(List.of(Command.of("DUMP", key))).get(0) instanceof Reply.Text dump) {
            return dump.bytes();
        }
        throw new NoKeyFree();
    }

    void release() {
        touched.keySet().forEach(key -> key.inFlight(false));
    }
}
