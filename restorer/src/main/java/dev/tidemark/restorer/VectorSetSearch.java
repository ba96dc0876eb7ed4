package dev.tidemark.restorer;

import dev.tidemark.rdb.TypeName;
import dev.tidemark.restorer.drill.ChunkName;
import dev.tidemark.restorer.drill.Comparison.Means;
import dev.tidemark.restorer.drill.Embedding;
import dev.tidemark.restorer.drill.Hit;
import dev.tidemark.restorer.drill.Query;
import dev.tidemark.restorer.drill.Sample;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import io.lettuce.core.KeyScanArgs;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.VSimArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Searches in the vector sets of a server by its own VSIM, over every element: the graph, which VSIM follows otherwise, is
 * another on a server that was given its elements in another order.
 */
final class VectorSetSearch implements VectorSearch {
    private static final int KEYS_A_SCAN = 500;

    private final TargetRedis redis;
    private final long elementsMax;
    private final Map<Integer, StatefulRedisConnection<byte[], byte[]>> connections = new HashMap<>();

    /** @param elementsMax of a set that is searched */
    VectorSetSearch(TargetRedis redis, long elementsMax) {
        this.redis = redis;
        this.elementsMax = elementsMax;
    }

    @Override
    public Means means() {
        return Means.VSIM;
    }

    /** Any elements of a few sets that are small enough, each of those as likely as any other. */
    @Override
    public List<Query> sample(int count, Random random) {
        if (!redis.hasVectorSets()) {
            return List.of();
        }
        try {
            List<KeyName> sets = sets(new Sample<>(count, random));
            List<Query> queries = new ArrayList<>(count);
            for (int i = 0; i < count && !sets.isEmpty(); i++) {
                anyOf(sets.get(i % sets.size())).ifPresent(queries::add);
            }
            return queries;
        } catch (RedisException e) {
            throw RedisReplies.failed(redis.address(), e, UNTOUCHED);
        }
    }

    private List<KeyName> sets(Sample<KeyName> sample) {
        for (int db : redis.keys(UNTOUCHED).keySet()) {
            RedisCommands<byte[], byte[]> commands = in(db);
            KeyScanArgs page = KeyScanArgs.Builder.type(TypeName.VECTOR_SET).limit(KEYS_A_SCAN);
            ScanCursor cursor = ScanCursor.INITIAL;
            do {
                KeyScanCursor<byte[]> found = commands.scan(cursor, page);
                for (byte[] key : found.getKeys()) {
                    KeyName set = new KeyName(db, Bytes.wrap(key));
                    if (!ReservedKeys.isReserved(set.key()) && isSmall(set)) {
                        sample.add(set);
                    }
                }
                cursor = found;
            } while (!cursor.isFinished());
        }
        return sample.drawn();
    }

    private boolean isSmall(KeyName set) {
        return in(set.db()).vcard(set.key().array()) <= elementsMax;
    }

    private Optional<Query> anyOf(KeyName set) {
        ChunkName chunk = ChunkName.ofElement(
                set, Bytes.wrap(in(set.db()).vrandmember(set.key().array())));
        return of(chunk).map(embedding -> new Query(chunk, embedding));
    }

    /** Of a chunk that is another here, nothing: it would be searched for as what it is here. Nor in a set that has grown large. */
    @Override
    public List<List<Hit>> nearest(List<Query> queries, int wanted) {
        List<List<Hit>> nearest = new ArrayList<>();
        for (Query query : queries) {
            List<Hit> hits = isAsRestored(query) ? nearest(query.chunk(), wanted) : List.of();
            // What is searched for may have become another meanwhile.
            nearest.add(isAsRestored(query) ? hits : List.of());
        }
        return nearest;
    }

    private boolean isAsRestored(Query query) {
        return of(query.chunk()).equals(Optional.of(query.embedding()));
    }

    private List<Hit> nearest(ChunkName chunk, int wanted) {
        KeyName set = chunk.key();
        // One more tells which of those that are equally near were left out by chance.
        VSimArgs all = new VSimArgs().count(wanted + 1L).truth();
        try {
            List<Hit> hits = new ArrayList<>();
            if (!isSmall(set)) {
                return hits;
            }
            in(set.db())
                    .vsimWithScore(
                            set.key().array(),
                            all,
                            chunk.element().orElseThrow().array())
                    .forEach((element, similarity) -> hits.add(
                            new Hit(ChunkName.ofElement(set, Bytes.wrap(element)), (float) (double) similarity)));
            hits.sort(Hit.BEST_FIRST);
            if (hits.size() > wanted) {
                double last = hits.get(wanted).similarity();
                hits.removeIf(hit -> hit.similarity() == last);
            }
            return List.copyOf(hits);
        } catch (RedisException e) {
            throw RedisReplies.failed(redis.address(), e, UNTOUCHED);
        }
    }

    @Override
    public Optional<Embedding> of(ChunkName name) {
        KeyName set = name.key();
        try {
            List<Double> values = in(set.db())
                    .vemb(set.key().array(), name.element().orElseThrow().array());
            // Of an element that is not there the client makes one number, which is none.
            return values.contains(null) ? Optional.empty() : Embedding.of(values);
        } catch (RedisCommandExecutionException e) {
            if (String.valueOf(e.getMessage()).startsWith("WRONGTYPE")) {
                return Optional.empty();
            }
            throw RedisReplies.failed(redis.address(), e, UNTOUCHED);
        } catch (RedisException e) {
            throw RedisReplies.failed(redis.address(), e, UNTOUCHED);
        }
    }

    private RedisCommands<byte[], byte[]> in(int db) {
        return connections
                .computeIfAbsent(db, each -> redis.open(each, UNTOUCHED))
                .sync();
    }
}
