package dev.tidemark.archive;

import dev.tidemark.schemas.settings.S3Settings;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where an object that is none of an archive's is to be, in whatever bucket, written with the same credentials. */
public final class ForeignPlace implements AutoCloseable {
    private static final int SMALL_BYTES_MAX = 64 << 20;

    private final ObjectStore store;
    private final String key;

    private ForeignPlace(ObjectStore store, String key) {
        this.store = store;
        this.key = key;
    }

    public static ForeignPlace of(S3Settings settings, String bucket, String key) {
        return new ForeignPlace(ObjectStore.open(settings.with(bucket)), key);
    }

    /** Whether there is an object, by HEAD. */
    public boolean isTaken() {
        return store.head(key).isPresent();
    }

    /** How many uploads to here were begun and neither completed nor given up, by runs that died or still go on. */
    public int unfinished() {
        return store.abandonedParts(key).getOrDefault(key, List.of()).size();
    }

    /** Begins the object; nothing is visible before it is completed. */
    public PartsUpload begin() {
        return PartsUpload.begin(store, key);
    }

    /** A small object that is here. */
    public Optional<byte[]> content() {
        return store.get(key, SMALL_BYTES_MAX);
    }

    /** Writes a small object, over the one that may be here. */
    public void put(byte[] content) {
        store.put(key, ObjectBody.of(content), Map.of());
    }

    /** The same if there is none yet. */
    public Creation create(byte[] content) {
        return store.create(key, ObjectBody.of(content), Map.of());
    }

    @Override
    public void close() {
        store.close();
    }
}
