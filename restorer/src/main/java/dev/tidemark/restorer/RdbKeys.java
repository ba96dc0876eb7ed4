package dev.tidemark.restorer;

import dev.tidemark.archive.Spool;
import dev.tidemark.rdb.RdbWriter;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Encoding;
import dev.tidemark.schemas.log.Value.Hash;
import dev.tidemark.schemas.log.Value.Opaque;
import dev.tidemark.schemas.log.Value.Text;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes a restore's keys into a snapshot, in whatever order they come. */
final class RdbKeys implements KeySink {
    private static final Path SPOOL_DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"));

    private final RdbWriter writer;
    private final BlobSource blobs;
    private final long comparedBytesMax;
    private final String address;
    private final ExitCode codeIfItFails;
    private final String ifItFails;
    private long keys;
    private long bytes;

    private RdbKeys(
            RdbWriter writer,
            BlobSource blobs,
            long comparedBytesMax,
            String address,
            ExitCode codeIfItFails,
            String ifItFails) {
        this.writer = writer;
        this.blobs = blobs;
        this.comparedBytesMax = comparedBytesMax;
        this.address = address;
        this.codeIfItFails = codeIfItFails;
        this.ifItFails = ifItFails;
    }

    /**
     * Begins the snapshot.
     *
     * @param address of where it goes, for messages
     * @param codeIfItFails whether that is a disk, or a server that is gone
     * @param ifItFails what is there then, and what to do
     */
    static RdbKeys begin(OutputStream out, RestoreRun run, String address, ExitCode codeIfItFails, String ifItFails) {
        Map<String, String> aux = new LinkedHashMap<>();
        aux.put("redis-bits", "64");
        aux.put("tidemark-source", run.plan().source());
        aux.put("tidemark-to", run.plan().to().toString());
        try {
            return new RdbKeys(
                    RdbWriter.begin(out, aux),
                    run::fetch,
                    run.settings().restorer().bytesInFlightMax(),
                    address,
                    codeIfItFails,
                    ifItFails);
        } catch (IOException e) {
            throw failed(codeIfItFails, address, e, ifItFails);
        }
    }

    /** Before the first key. */
    void libraries(Collection<Bytes> all) {
        try {
            for (Bytes library : all) {
                writer.library(library);
            }
        } catch (IOException e) {
            throw failed(codeIfItFails, address, e, ifItFails);
        }
    }

    @Override
    public Value write(Change change) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        try {
            Value written = written(change);
            keys++;
            bytes += change.key().length()
                    + (change.value() instanceof Blob blob
                            ? blob.length()
                            : change.value().sizeBytes());
            return written;
        } catch (IOException e) {
            throw failed(codeIfItFails, address, e, ifItFails);
        }
    }

    private Value written(Change change) throws IOException {
        Value value = change.value();
        if (value instanceof Text text) {
            writer.text(change.db(), change.key(), change.expireAtMillis(), text.bytes());
            return value;
        }
        if (value instanceof Hash hash) {
            writer.hash(change.db(), change.key(), change.expireAtMillis(), hash.fields());
            return value;
        }
        if (value instanceof Opaque opaque) {
            byte[] dump = opaque.dump().array();
            writer.dumped(
                    change.db(), change.key(), change.expireAtMillis(), dump.length, new ByteArrayInputStream(dump));
            return value;
        }
        if (value instanceof Blob blob) {
            try (Spool copy = blobs.fetch(blob, SPOOL_DIRECTORY)) {
                return streamed(change, blob, copy);
            }
        }
        throw new IllegalArgumentException("a key that is absent is not written");
    }

    private Value streamed(Change change, Blob blob, Spool copy) throws IOException {
        long length = copy.sizeBytes();
        if (blob.encoding() == Encoding.RAW) {
            writer.text(change.db(), change.key(), change.expireAtMillis(), length, copy.open(0, length));
            return blob;
        }
        writer.dumped(change.db(), change.key(), change.expireAtMillis(), length, copy.open(0, length));
        if (length > comparedBytesMax) {
            return blob;
        }
        Bytes dump = Bytes.wrap(copy.open(0, length).readAllBytes());
        return new Opaque(blob.type(), dump);
    }

    @Override
    public void finish() {
        try {
            writer.end();
        } catch (IOException e) {
            throw failed(codeIfItFails, address, e, ifItFails);
        }
    }

    @Override
    public long keys() {
        return keys;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    static TidemarkError failed(ExitCode code, String address, IOException cause, String consequence) {
        return new TidemarkError(
                code, "%s cannot be written: %s. %s".formatted(address, cause.getMessage(), consequence), cause);
    }
}
