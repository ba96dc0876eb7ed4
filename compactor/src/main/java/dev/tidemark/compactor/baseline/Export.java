package dev.tidemark.compactor.baseline;

import dev.tidemark.archive.ForeignObject;
import dev.tidemark.schemas.settings.S3Settings;
import java.io.IOException;
import java.io.InputStream;

/** A snapshot that lies somewhere, as a provider exports it or somebody copied it. */
final class Export {
    private static final String S3 = "s3://";

    private Export() {}

    static InputStream open(String where, S3Settings settings) throws IOException {
        if (!where.startsWith(S3)) {
            return SnapshotFile.open(where);
        }
        String[] bucketAndKey = where.substring(S3.length()).split("/", 2);
        if (bucketAndKey.length < 2 || bucketAndKey[1].isEmpty()) {
            throw new IOException("'%s' names no object; write s3://bucket/key".formatted(where));
        }
        return ForeignObject.open(settings, bucketAndKey[0], bucketAndKey[1]);
    }
}
