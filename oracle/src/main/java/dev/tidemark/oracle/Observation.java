package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.CanonicalForm;
import dev.tidemark.oracle.judge.Key;
import dev.tidemark.oracle.judge.KeyState;
import dev.tidemark.oracle.judge.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * Reads the whole logical state of a key inside a MULTI. A MULTI cannot branch on TYPE, so the reading command of
 * every type the key may hold is sent; all but one fail with WRONGTYPE.
 */
final class Observation {
    /** DUMP ends with its format's version and a checksum, which are not the value. */
    private static final int DUMP_FOOTER_BYTES = 10;

    private final boolean tellsExpireTime;
    private final boolean expiresFields;

    Observation(ServerFacts server) {
        this.expiresFields = server.expiresFields();
        this.tellsExpireTime = server.tellsExpireTime();
    }

    List<Command> commands(Key key, Set<ValueType> mayHold) {
        List<Command> commands = new ArrayList<>();
        commands.add(Command.of("TYPE", key));
        commands.addAll(expiryCommands(key));
        for (ValueType type : ordered(mayHold)) {
            commands.addAll(reading(key, type));
        }
        return commands;
    }

    /** Takes exactly the replies of {@link #commands} with the same types. */
    KeyState state(Iterator<Reply> replies, Set<ValueType> mayHold) {
        ValueType type = ValueType.named(replies.next().text());
        long expireAtMillis = expireAt(replies);
        KeyState state = type == ValueType.ABSENT ? KeyState.ABSENT : null;
        for (ValueType candidate : ordered(mayHold)) {
            int width = width(candidate);
            List<Reply> read = new ArrayList<>(width);
            for (int i = 0; i < width; i++) {
                read.add(replies.next());
            }
            if (candidate == type) {
                state = value(type, read);
            }
        }
        if (state == null) {
            throw new IllegalStateException("a key holds a " + type + " where only " + mayHold
                    + " could be: somebody else writes under the oracle's prefix");
        }
        return state.absent() ? state : state.expiringAt(expireAtMillis);
    }

    /**
     * Before 7.0 an expiry is PTTL plus the clock, and PTTL reads the clock anew even within a MULTI. So it stands
     * between two times, twice: a server that was off the processor in one of the pairs was on it in the other.
     */
    List<Command> expiryCommands(Key key) {
        if (tellsExpireTime) {
            return List.of(Command.of("PEXPIRETIME", key));
        }
        Command pttl = Command.of("PTTL", key);
        return List.of(Command.TIME, pttl, Command.TIME, pttl, Command.TIME);
    }

    long expireAt(Iterator<Reply> replies) {
        if (tellsExpireTime) {
            return Math.max(KeyState.NEVER, replies.next().number());
        }
        long first = RedisConnection.microsOf(replies.next());
        long firstLeft = replies.next().number();
        long second = RedisConnection.microsOf(replies.next());
        long secondLeft = replies.next().number();
        long third = RedisConnection.microsOf(replies.next());
        if (firstLeft < 0 || secondLeft < 0) {
            return KeyState.NEVER;
        }
        return second - first < third - second ? second / 1_000 + firstLeft : third / 1_000 + secondLeft;
    }

    private int width(ValueType type) {
        return switch (type) {
            case STREAM -> 2;
            case HASH -> expiresFields ? 2 : 1;
            case VECTOR_SET -> 1 + 2 * VectorSetRecipes.ELEMENTS.size();
            case STRING, LIST, SET, ZSET, OTHER, ABSENT, UNKNOWN -> 1;
        };
    }

    private List<Command> reading(Key key, ValueType type) {
        return switch (type) {
            case STRING -> List.of(Command.of("GET", key));
            case HASH ->
                expiresFields
                        ? List.of(Command.of("HGETALL", key), FieldExpiryRecipes.expiryTimes(key))
                        : List.of(Command.of("HGETALL", key));
            case LIST -> List.of(Command.of("LRANGE", key, 0, -1));
            case SET -> List.of(Command.of("SMEMBERS", key));
            case ZSET -> List.of(Command.of("ZRANGE", key, 0, -1, "WITHSCORES"));
            case STREAM -> List.of(Command.of("XRANGE", key, "-", "+"), Command.of("XINFO", "STREAM", key));
            case VECTOR_SET -> VectorSetRecipes.reading(key);
            case OTHER -> List.of(Command.of("DUMP", key));
            case ABSENT, UNKNOWN -> List.of();
        };
    }

    private static KeyState value(ValueType type, List<Reply> read) {
        Reply reply = read.get(0);
        return switch (type) {
            case STRING -> CanonicalForm.string(reply.bytes());
            case HASH ->
                read.size() == 1
                        ? CanonicalForm.hash(reply.listOfBytes())
                        : CanonicalForm.hash(reply.listOfBytes(), FieldExpiryRecipes.expiries(read.get(1)));
            case LIST -> CanonicalForm.list(reply.listOfBytes());
            case SET -> CanonicalForm.set(reply.listOfBytes());
            case ZSET -> sortedSet(reply.items());
            case STREAM -> stream(reply.items(), read.get(1).items());
            case VECTOR_SET -> CanonicalForm.vectorSet(VectorSetRecipes.told(read));
            case OTHER -> CanonicalForm.opaque(Arrays.copyOf(reply.bytes(), reply.bytes().length - DUMP_FOOTER_BYTES));
            case ABSENT, UNKNOWN -> throw new IllegalArgumentException("no value is " + type);
        };
    }

    private static KeyState sortedSet(List<Reply> membersAndScores) {
        List<byte[]> members = new ArrayList<>();
        List<Double> scores = new ArrayList<>();
        for (int i = 0; i < membersAndScores.size(); i += 2) {
            members.add(membersAndScores.get(i).bytes());
            scores.add(score(membersAndScores.get(i + 1).text()));
        }
        return CanonicalForm.sortedSet(members, scores);
    }

    private static double score(String text) {
        // Redis spells the infinities as C does.
        return switch (text) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    private static KeyState stream(List<Reply> entries, List<Reply> info) {
        byte[] lastGeneratedId = null;
        for (int i = 0; i + 1 < info.size(); i += 2) {
            if (info.get(i).text().equals("last-generated-id")) {
                lastGeneratedId = info.get(i + 1).bytes();
            }
        }
        List<List<byte[]>> canonical = new ArrayList<>();
        for (Reply entry : entries) {
            List<byte[]> idAndFields = new ArrayList<>();
            idAndFields.add(entry.items().get(0).bytes());
            idAndFields.addAll(entry.items().get(1).listOfBytes());
            canonical.add(idAndFields);
        }
        return CanonicalForm.stream(lastGeneratedId, canonical);
    }

    /** Only types with a value, and each time in the same order. */
    private static List<ValueType> ordered(Set<ValueType> types) {
        List<ValueType> ordered = new ArrayList<>(types);
        ordered.removeIf(type -> type == ValueType.ABSENT || type == ValueType.UNKNOWN);
        ordered.sort(null);
        return ordered;
    }
}
