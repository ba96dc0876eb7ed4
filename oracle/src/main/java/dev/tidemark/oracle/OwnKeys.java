package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.ValueType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;

/** The keys of one thread, sorted by the type they hold, so that an operation finds keys it can work on. */
final class OwnKeys {
    private static final int TRIES_MAX = 16;

    private final List<OwnKey> all;
    private final Map<ValueType, List<OwnKey>> byType = new EnumMap<>(ValueType.class);

    OwnKeys(List<OwnKey> keys) {
        this.all = List.copyOf(keys);
        for (ValueType type : ValueType.values()) {
            byType.put(type, new ArrayList<>());
        }
        all.forEach(key -> insert(key, ValueType.ABSENT));
    }

    List<OwnKey> all() {
        return all;
    }

    void moveTo(OwnKey key, ValueType type) {
        if (key.type() == type) {
            return;
        }
        List<OwnKey> old = byType.get(key.type());
        OwnKey last = old.remove(old.size() - 1);
        if (last != key) {
            old.set(key.poolPosition(), last);
            last.movedTo(last.type(), key.poolPosition());
        }
        insert(key, type);
    }

    private void insert(OwnKey key, ValueType type) {
        List<OwnKey> pool = byType.get(type);
        key.movedTo(type, pool.size());
        pool.add(key);
    }

    /** A random key of this type that no operation in flight touches. */
    Optional<OwnKey> idle(ValueType type, Random random, Predicate<OwnKey> suits) {
        return idle(byType.get(type), random, suits);
    }

    /** A random key of any type, or absent. */
    Optional<OwnKey> idle(Random random) {
        return idle(all, random, key -> true);
    }

    private static Optional<OwnKey> idle(List<OwnKey> pool, Random random, Predicate<OwnKey> suits) {
        for (int i = 0; i < TRIES_MAX && !pool.isEmpty(); i++) {
            OwnKey key = pool.get(random.nextInt(pool.size()));
            if (!key.inFlight() && suits.test(key)) {
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }
}
