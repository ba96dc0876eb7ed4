package dev.tidemark.restorer;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The object that a restore writes a snapshot to, in whatever bucket of the archive's store. */
public record RestoreObject(String bucket, String key) {
    public static final String SCHEME = "s3://";

    private static final Pattern ADDRESS = Pattern.compile(SCHEME + "([^/]+)/(.*[^/])");

    public RestoreObject {
        Objects.requireNonNull(bucket, "bucket");
        Objects.requireNonNull(key, "key");
    }

    /** As in {@code s3://bucket/some/key.rdb}. */
    public static RestoreObject at(String address) {
        Matcher parts = ADDRESS.matcher(address);
        if (!parts.matches()) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "'%s' names no object; for example s3://my-bucket/dump.rdb. Nothing was done".formatted(address));
        }
        return new RestoreObject(parts.group(1), parts.group(2));
    }

    /** For messages. */
    public String address() {
        return SCHEME + bucket + "/" + key;
    }
}
