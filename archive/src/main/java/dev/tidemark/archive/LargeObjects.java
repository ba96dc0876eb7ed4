package dev.tidemark.archive;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * Objects that are never held in memory: uploaded in parts, downloaded in ranges, each part and each range a request of
 * its own with attempts of its own, so that neither a deadline nor a lost connection depends on the size of the whole.
 */
final class LargeObjects {
    /** Redis's largest string is 64 of these; S3 takes 10,000 and none below 5 MiB but the last. */
    static final int PART_BYTES = 8 << 20;

    private static final int RANGE_BYTES = 1 << 20;

    private final ObjectStore store;

    LargeObjects(ObjectStore store) {
        this.store = store;
    }

    /** Writes the object, over the one that may be there; it is visible whole or not at all. */
    void put(String key, Spool content) {
        String sha256 = content.sha256().toHex();
        if (content.sizeBytes() <= PART_BYTES) {
            store.put(key, new ObjectStore.Content(content.sizeBytes(), () -> content.open(0, PART_BYTES)), sha256);
            return;
        }
        upload(key, content, Map.of(ObjectStore.SHA256, sha256), ObjectInParts::complete);
    }

    /** Writes the object unless there is one of that key already; it is visible whole or not at all. */
    Creation create(String key, Spool content, Map<String, String> metadata) throws IOException {
        if (content.sizeBytes() <= PART_BYTES) {
            try (InputStream in = content.open(0, PART_BYTES)) {
                return store.create(key, ObjectBody.of(in.readAllBytes()), metadata);
            }
        }
        Map<String, String> signed = new HashMap<>(metadata);
        signed.put(ObjectStore.SHA256, content.sha256().toHex());
        return upload(key, content, signed, ObjectInParts::completeNew);
    }

    private interface Completion {
        Creation complete(ObjectInParts upload, List<CompletedPart> parts, ObjectHead whole);
    }

    private Creation upload(String key, Spool content, Map<String, String> metadata, Completion completion) {
        ObjectInParts upload = store.beginParts(key, metadata);
        try {
            List<CompletedPart> parts = new ArrayList<>();
            for (long from = 0; from < content.sizeBytes(); from += PART_BYTES) {
                long begin = from;
                long length = Math.min(PART_BYTES, content.sizeBytes() - from);
                parts.add(upload.put(
                        parts.size() + 1, new ObjectStore.Content(length, () -> content.open(begin, length))));
            }
            return completion.complete(upload, parts, new ObjectHead(metadata, content.sizeBytes()));
        } catch (RuntimeException e) {
            upload.abort();
            throw e;
        }
    }

    /** Copies so many bytes of the object, or those that there are; false if it is not there. */
    boolean get(String key, long length, Spool into) throws IOException {
        byte[] range = new byte[(int) Math.min(RANGE_BYTES, length)];
        for (long from = 0; from < length; from += range.length) {
            int asked = (int) Math.min(range.length, length - from);
            Optional<Integer> read = store.getRange(key, from, range, asked);
            if (read.isEmpty()) {
                return false;
            }
            into.write(range, 0, read.get());
            if (read.get() < asked) {
                break;
            }
        }
        return true;
    }
}
