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
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/** Reads every key of the target into an account: what the target gives, not what it was given. */
final class TargetContent {
    private static final int KEYS_A_SCAN = 1_000;
    /** Values are held together in memory, and one can be of megabytes. */
    private static final int KEYS_A_BATCH = 64;

    private static final String CONSEQUENCE = "It holds every key of the restore, but that was not proven";

    private final TargetRedis target;
    private final boolean tellsExpiry;
    private final Duration answerLimit;
    private final ContentAccount account;
    private final SeenKeys seen;
    private final Filling filling;
    private final LargeContent largeContent;
    private final Predicate<KeyName> isOurs;
    private final Predicate<Bytes> isLeftBehind;
    private long others;
    private long takenAway;
    private Set<Integer> fieldsExpire = Set.of();
    private long keys;

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
            Duration answerLimit,
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
        this.answerLimit = answerLimit;
        this.account = account;
        this.seen = seen;
    }

    void read(LongConsumer keysRead) throws InterruptedException {
        try {
            fieldsExpire = target.databasesWithExpiringFields(CONSEQUENCE);
            for (int db : target.keys(CONSEQUENCE).keySet()) {
                read(db, target.open(db), keysRead);
            }
        } catch (RedisException | ExecutionException | TimeoutException e) {
            throw RedisReplies.failed(target.address(), e, CONSEQUENCE);
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

    private void read(int db, StatefulRedisConnection<byte[], byte[]> connection, LongConsumer keysRead)
            throws InterruptedException, ExecutionException, TimeoutException {
        ScanArgs page = ScanArgs.Builder.limit(KEYS_A_SCAN);
        ScanCursor cursor = ScanCursor.INITIAL;
        do {
            KeyScanCursor<byte[]> found = connection.sync().scan(cursor, page);
            List<byte[]> names = found.getKeys();
            for (int from = 0; from < names.size(); from += KEYS_A_BATCH) {
                List<byte[]> some = names.subList(from, Math.min(names.size(), from + KEYS_A_BATCH));
                batch(db, connection, fresh(db, connection, some));
                keysRead.accept(keys);
            }
            cursor = found;
        } while (!cursor.isFinished());
    }

    /** Those still to be read together: SCAN may tell of a key twice, and large values are read one by one. */
    private List<byte[]> fresh(int db, StatefulRedisConnection<byte[], byte[]> connection, List<byte[]> names)
            throws InterruptedException, ExecutionException, TimeoutException {
        List<byte[]> fresh = new ArrayList<>();
        for (byte[] name : names) {
            Bytes key = Bytes.wrap(name);
            KeyName itsName = new KeyName(db, key);
            if (isLeftBehind.test(key)) {
                takenAway += answer(connection.async().unlink(name));
            }
            if (ReservedKeys.isReserved(key) || !seen.add(itsName)) {
                continue;
            }
            if (!isOurs.test(itsName)) {
                others++;
                continue;
            }
            Blob written = filling.large().get(itsName);
            if (written == null && filling.isReadAlone(itsName)) {
                batch(db, connection, List.of(name));
            } else if (written == null) {
                fresh.add(name);
            } else if (largeContent.add(itsName, written, CONSEQUENCE)) {
                keys++;
            }
        }
        return fresh;
    }

    private void batch(int db, StatefulRedisConnection<byte[], byte[]> connection, List<byte[]> names)
            throws InterruptedException, ExecutionException, TimeoutException {
        RedisAsyncCommands<byte[], byte[]> redis = connection.async();
        List<RedisFuture<String>> types = new ArrayList<>();
        List<RedisFuture<Long>> expiries = new ArrayList<>();
        for (byte[] name : names) {
            types.add(redis.type(name));
            expiries.add(tellsExpiry ? redis.pexpiretime(name) : redis.pttl(name));
        }
        List<RedisFuture<?>> values = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            values.add(ask(redis, names.get(i), answer(types.get(i)), fieldsExpire.contains(db)));
        }
        for (int i = 0; i < names.size(); i++) {
            Object value = values.get(i) == null ? null : answer(values.get(i));
            long expiry = answer(expiries.get(i));
            if (value != null) {
                add(db, names.get(i), answer(types.get(i)), value, expiry);
            }
        }
    }

    /** Nothing for a key that has expired since SCAN told of it. */
    private static RedisFuture<?> ask(
            RedisAsyncCommands<byte[], byte[]> redis, byte[] name, String type, boolean fieldsExpire) {
        return switch (type) {
            case "none" -> null;
            case "string" -> redis.get(name);
            // HGETALL does not tell when fields expire; a hash without such fields counts alike either way.
            case "hash" -> fieldsExpire ? redis.dump(name) : redis.hgetall(name);
            default -> redis.dump(name);
        };
    }

    private void add(int db, byte[] name, String type, Object answer, long expiry) {
        Value value;
        if (answer instanceof Map<?, ?> map) {
            if (map.isEmpty()) {
                return;
            }
            List<Field> fields = new ArrayList<>();
            map.forEach((field, content) ->
                    fields.add(new Field(Bytes.wrap((byte[]) field), Bytes.wrap((byte[]) content))));
            value = new Hash(fields);
        } else if (type.equals("string")) {
            value = new Text(Bytes.wrap((byte[]) answer));
        } else {
            value = new Opaque(type, Bytes.wrap((byte[]) answer));
        }
        account.add(db, Bytes.wrap(name), value, expiry < 0 ? OptionalLong.empty() : OptionalLong.of(expiry));
        keys++;
    }

    private <T> T answer(RedisFuture<T> future) throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(answerLimit.toMillis(), TimeUnit.MILLISECONDS);
    }
}
