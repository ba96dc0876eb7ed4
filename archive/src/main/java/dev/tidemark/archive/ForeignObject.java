package dev.tidemark.archive;

import dev.tidemark.schemas.settings.S3Settings;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** An object that is none of an archive's, in whatever bucket, read with the same credentials. */
public final class ForeignObject extends FilterInputStream {
    private final ObjectStore store;

    private ForeignObject(InputStream in, ObjectStore store) {
        super(in);
        this.store = store;
    }

    public static ForeignObject open(S3Settings settings, String bucket, String key) throws IOException {
        ObjectStore store = ObjectStore.open(settings.with(bucket));
        try {
            ObjectHead head = store.head(key).orElseThrow(() -> new IOException("there is no " + store.uri(key)));
            return new ForeignObject(new RangeInput(store, key, 0, head.sizeBytes()), store);
        } catch (IOException | RuntimeException e) {
            store.close();
            throw e;
        }
    }

    @Override
    public void close() {
        store.close();
    }
}
