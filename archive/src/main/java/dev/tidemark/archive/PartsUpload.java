package dev.tidemark.archive;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * An object that comes as a stream and is larger than memory: while one part is filled, two are on their way. Visible
 * whole, when {@link #complete} returns, or not at all. For one thread.
 */
public final class PartsUpload extends OutputStream {
    /** S3 takes 10,000 parts, so an object may have 156 GiB. */
    private static final int PART_BYTES = 16 << 20;

    private static final int PARTS_MAX = 10_000;
    private static final int ON_THEIR_WAY_MAX = 2;

    private final ObjectStore store;
    private final String key;
    private final Map<String, String> metadata =
            Map.of(ObjectStore.WRITER, UUID.randomUUID().toString());
    private final ObjectInParts upload;
    private final MessageDigest digest = ObjectBody.newSha256();
    private final ExecutorService senders = Executors.newFixedThreadPool(ON_THEIR_WAY_MAX, PartsUpload::sender);
    private final Deque<Sending> onTheirWay = new ArrayDeque<>();
    private final List<CompletedPart> sent = new ArrayList<>();
    private byte[] part = new byte[PART_BYTES];
    private int filled;
    private long sizeBytes;
    private boolean isOver;

    @SuppressWarnings("ArrayRecordComponent") // Sixteen megabytes that are used again, not a value.
    private record Sending(byte[] part, Future<CompletedPart> sent) {}

    private PartsUpload(ObjectStore store, String key) {
        this.store = store;
        this.key = key;
        this.upload = store.beginParts(key, metadata);
    }

    static PartsUpload begin(ObjectStore store, String key) {
        return new PartsUpload(store, key);
    }

    private static Thread sender(Runnable work) {
        Thread thread = new Thread(work, "upload");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void write(int octet) {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
        digest.update(bytes, from, length);
        sizeBytes += length;
        for (int rest = length; rest > 0; ) {
            if (filled == PART_BYTES) {
                send();
            }
            int taken = Math.min(rest, PART_BYTES - filled);
            System.arraycopy(bytes, from + length - rest, part, filled, taken);
            filled += taken;
            rest -= taken;
        }
    }

    private void send() {
        int number = sent.size() + onTheirWay.size() + 1;
        if (number > PARTS_MAX) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "%s has more than %d parts of %d bytes, and S3 takes no more; nothing of it became visible. Spread the data over more nodes"
                            .formatted(store.uri(key), PARTS_MAX, PART_BYTES));
        }
        byte[] full = part;
        int length = filled;
        onTheirWay.add(new Sending(
                full,
                senders.submit(() -> upload.put(
                        number, new ObjectStore.Content(length, () -> new ByteArrayInputStream(full, 0, length))))));
        part = onTheirWay.size() > ON_THEIR_WAY_MAX ? arrived() : new byte[PART_BYTES];
        filled = 0;
    }

    /** Waits for the part that was sent first, and gives its room back. */
    private byte[] arrived() {
        Sending first = onTheirWay.remove();
        try {
            sent.add(first.sent().get());
            return first.part();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(ExitCode.UNREACHABLE, "interrupted: cannot write " + store.uri(key), e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TidemarkError failed) {
                throw failed;
            }
            throw new IllegalStateException("cannot write " + store.uri(key), e.getCause());
        }
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    /** Makes the object visible; the checksum of all that was written. */
    public Bytes complete() {
        sendAll();
        upload.complete(sent, new ObjectHead(metadata, sizeBytes));
        isOver = true;
        return Bytes.wrap(digest.digest());
    }

    /** The same if there is none of that key yet; otherwise that one stays, and nothing of this. */
    public Creation completeNew() {
        sendAll();
        Creation outcome = upload.completeNew(sent, new ObjectHead(metadata, sizeBytes));
        isOver = outcome == Creation.CREATED;
        return outcome;
    }

    private void sendAll() {
        send();
        while (!onTheirWay.isEmpty()) {
            arrived();
        }
    }

    /** Without {@link #complete} before it, nothing stays. */
    @Override
    public void close() {
        senders.shutdownNow();
        if (!isOver) {
            isOver = true;
            upload.abort();
        }
    }
}
