package dev.tidemark.restorer;

import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.restorer.plan.SeenKeys;
import dev.tidemark.restorer.proof.ContentAccount;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Field;
import dev.tidemark.schemas.log.Value.Hash;
import dev.tidemark.schemas.log.Value.Opaque;
import dev.tidemark.schemas.log.Value.Text;
import dev.tidemark.schemas.redis.RedisSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;

/** Reads every key of the target into an account: what the target gives, not what it was given. */
final class TargetContent {
    /** The server holds the answers to all of them at once. */
    private static final int KEYS_A_BATCH = 64;

    private static final byte[] SCAN = word("SCAN");
    private static final byte[] COUNT = word("COUNT");
    private static final byte[] KEYS_A_SCAN = word("1000");
    private static final byte[] BEGINNING = word("0");
    private static final byte[] UNLINK = word("UNLINK");
    private static final byte[] TYPE = word("TYPE");
    private static final byte[] PEXPIRETIME = word("PEXPIRETIME");
    private static final byte[] PTTL = word("PTTL");

    private static final String CONSEQUENCE = "It holds every key of the restore, but that was not proven";

    private final TargetRedis target;
    private final boolean tellsExpiry;
    private final ContentAccount account;
    private final SeenKeys seen;
    private final Filling filling;
    private final LargeContent largeContent;
    private final Predicate<KeyName> isOurs;
    private final Predicate<Bytes> isLeftBehind;
    private long others;
    private long takenAway;
    private Set<Integer> fieldsExpire = Set.of();

    /**
     * For one reading.
     *
     * @param tellsExpiry whether it knows PEXPIRETIME
     * @param filling tells of keys whose values are not to be held in memory, or not together
     * @param isOurs others are counted and left out
     * @param isLeftBehind what is taken away: nobody else goes through all keys
     */
    TargetContent(
            TargetRedis target,
            boolean tellsExpiry,
            ContentAccount account,
            SeenKeys seen,
            Filling filling,
            LargeContent largeContent,
            Predicate<KeyName> isOurs,
            Predicate<Bytes> isLeftBehind) {
        this.isOurs = isOurs;
        this.isLeftBehind = isLeftBehind;
        this.filling = filling;
        this.largeContent = largeContent;
        this.target = target;
        this.tellsExpiry = tellsExpiry;
        this.account = account;
        this.seen = seen;
    }

    /** @param keysRead told now and then */
    void read(Runnable keysRead) throws InterruptedException {
        fieldsExpire = target.databasesWithExpiringFields(CONSEQUENCE);
        for (int db : target.keys(CONSEQUENCE).keySet()) {
            try (RedisSocket redis = target.socket(db, CONSEQUENCE)) {
                read(db, redis, keysRead);
            } catch (IOException e) {
                throw RedisReplies.failed(target.address(), e, CONSEQUENCE);
            }
        }
    }

    /** How many keys are none of the restore's. */
    long others() {
        return others;
    }

    /** How many keys were there that a run had left which died. */
    long takenAway() {
        return takenAway;
    }

    /** The values of a batch are asked for together with the types of the next: the server is never without a question. */
    private void read(int db, RedisSocket redis, Runnable keysRead) throws IOException, InterruptedException {
        boolean expire = fieldsExpire.contains(db);
        List<Typed> typed = List.of();
        byte[] cursor = BEGINNING;
        do {
            redis.send(SCAN, cursor, COUNT, KEYS_A_SCAN);
            redis.array();
            cursor = redis.content((int) redis.length());
            List<byte[]> names = names(redis);
            for (int from = 0; from < names.size(); from += KEYS_A_BATCH) {
                List<byte[]> some = names.subList(from, Math.min(names.size(), from + KEYS_A_BATCH));
                for (List<KeyName> next : batches(fresh(db, redis, some))) {
                    typed = read(redis, typed, next, expire);
                    keysRead.run();
                }
            }
        } while (!Arrays.equals(cursor, BEGINNING));
        read(redis, typed, List.of(), expire);
    }

    private static List<byte[]> names(RedisSocket redis) throws IOException {
        List<byte[]> names = new ArrayList<>();
        for (int left = redis.array(); left > 0; left--) {
            names.add(redis.content((int) redis.length()));
        }
        return names;
    }

    /** Those still to be read: SCAN may tell of a key twice, and the largest values are read here and now. */
    private List<KeyName> fresh(int db, RedisSocket redis, List<byte[]> names) throws IOException {
        List<KeyName> fresh = new ArrayList<>();
        for (byte[] name : names) {
            Bytes key = Bytes.wrap(name);
            KeyName itsName = new KeyName(db, key);
            if (isLeftBehind.test(key)) {
                redis.send(UNLINK, name);
                takenAway += redis.integer();
            }
            if (ReservedKeys.isReserved(key) || !seen.add(itsName)) {
                continue;
            }
            if (!isOurs.test(itsName)) {
                others++;
                continue;
            }
            Blob written = filling.large().get(itsName);
            if (written == null) {
                fresh.add(itsName);
            } else {
                largeContent.add(itsName, written, CONSEQUENCE);
                redis.stayOnTheLine();
            }
        }
        return fresh;
    }

    /** A value that is large for the server to hold with others is a batch of its own. */
    private List<List<KeyName>> batches(List<KeyName> names) {
        List<List<KeyName>> batches = new ArrayList<>();
        List<KeyName> together = new ArrayList<>();
        for (KeyName name : names) {
            if (filling.isReadAlone(name)) {
                batches.add(List.of(name));
            } else {
                together.add(name);
            }
        }
        batches.add(together);
        return batches;
    }

    private List<Typed> read(RedisSocket redis, List<Typed> some, List<KeyName> next, boolean fieldsExpire)
            throws IOException, InterruptedException {
        for (Typed key : some) {
            ask(redis, word(key.question().name()), key.name());
        }
        for (KeyName name : next) {
            ask(redis, TYPE, name);
            ask(redis, tellsExpiry ? PEXPIRETIME : PTTL, name);
        }
        redis.flush();
        for (Typed key : some) {
            // Not once a batch: over a slow link that is long.
            RestoreRun.requireNotStopped();
            add(redis, key);
        }
        List<Typed> typed = new ArrayList<>();
        for (KeyName name : next) {
            String type = redis.line();
            long expiry = redis.integer();
            // Nothing of a key that has expired since SCAN told of it.
            if (!type.equals("none")) {
                typed.add(new Typed(name, type, expiry, Question.of(type, fieldsExpire)));
            }
        }
        return typed;
    }

    private static void ask(RedisSocket redis, byte[] question, KeyName name) throws IOException {
        redis.begin(2);
        redis.word(question);
        redis.word(name.key().array());
    }

    /** What tells a value. */
    private enum Question {
        GET,
        HGETALL,
        DUMP;

        static Question of(String type, boolean fieldsExpire) {
            return switch (type) {
                case "string" -> GET;
                // HGETALL does not tell when fields expire; a hash without such fields counts alike either way.
                case "hash" -> fieldsExpire ? DUMP : HGETALL;
                default -> DUMP;
            };
        }
    }

    /** A key that was there. */
    private record Typed(KeyName name, String type, long expiry, Question question) {}

    private void add(RedisSocket redis, Typed key) throws IOException {
        Optional<Value> value = key.question() == Question.HGETALL ? hash(redis) : single(redis, key);
        if (value.isPresent()) {
            OptionalLong expiry = key.expiry() < 0 ? OptionalLong.empty() : OptionalLong.of(key.expiry());
            account.add(key.name().db(), key.name().key(), value.get(), expiry);
        }
    }

    private static Optional<Value> hash(RedisSocket redis) throws IOException {
        List<Field> fields = new ArrayList<>();
        for (int left = redis.array() / 2; left > 0; left--) {
            Bytes name = content(redis, redis.length());
            fields.add(new Field(name, content(redis, redis.length())));
        }
        return fields.isEmpty() ? Optional.empty() : Optional.of(new Hash(fields));
    }

    private static Optional<Value> single(RedisSocket redis, Typed key) throws IOException {
        long length = redis.length();
        if (length < 0) {
            return Optional.empty();
        }
        Bytes content = content(redis, length);
        return Optional.of(key.question() == Question.GET ? new Text(content) : new Opaque(key.type(), content));
    }

    private static Bytes content(RedisSocket redis, long length) throws IOException {
        return Bytes.wrap(redis.content(Math.toIntExact(length)));
    }

    private static byte[] word(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
