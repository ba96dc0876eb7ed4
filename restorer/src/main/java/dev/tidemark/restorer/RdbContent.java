package dev.tidemark.restorer;

import dev.tidemark.rdb.RdbItem;
import dev.tidemark.rdb.RdbItem.End;
import dev.tidemark.rdb.RdbItem.Entry;
import dev.tidemark.rdb.RdbItem.Library;
import dev.tidemark.rdb.RdbScanner;
import dev.tidemark.rdb.RdbType;
import dev.tidemark.rdb.TypeName;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.restorer.proof.ContentAccount;
import dev.tidemark.restorer.proof.DumpPayload;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Encoding;
import dev.tidemark.schemas.log.Value.Opaque;
import dev.tidemark.schemas.log.Value.Text;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;

/** Reads a snapshot that we wrote into an account, to its checksum. */
final class RdbContent {
    private static final int EMPTY_FOOTER_BYTES = 10;

    private final RdbScanner scanner;
    private final Map<KeyName, Blob> large;
    private final long comparedBytesMax;
    private final ContentAccount account;
    private final Set<Bytes> libraries = new HashSet<>();

    private RdbContent(RdbScanner scanner, Map<KeyName, Blob> large, long comparedBytesMax, ContentAccount account) {
        this.scanner = scanner;
        this.large = large;
        this.comparedBytesMax = comparedBytesMax;
        this.account = account;
    }

    /**
     * Reads all of it.
     *
     * @param large keys whose values are not to be held in memory
     * @param comparedBytesMax as when it was written: larger payloads are compared by type and expiry alone
     * @return the code of the libraries in it
     */
    static Set<Bytes> read(
            InputStream in,
            Map<KeyName, Blob> large,
            long comparedBytesMax,
            ContentAccount account,
            LongConsumer keysRead)
            throws IOException {
        RdbContent content = new RdbContent(RdbScanner.open(in), large, comparedBytesMax, account);
        content.read(keysRead);
        return content.libraries;
    }

    private void read(LongConsumer keysRead) throws IOException {
        long keys = 0;
        for (RdbItem item = scanner.next(); !(item instanceof End); item = scanner.next()) {
            if (item instanceof Library library) {
                libraries.add(library.code());
            } else if (item instanceof Entry entry) {
                account.add(entry.db(), entry.key(), value(entry), entry.expireAtMillis());
                keysRead.accept(++keys);
            }
        }
    }

    private Value value(Entry entry) throws IOException {
        Blob written = large.get(new KeyName(entry.db(), entry.key()));
        if (written != null && written.encoding() == Encoding.RAW && entry.type() == RdbType.STRING) {
            return string(written);
        }
        if (written != null && written.length() > comparedBytesMax) {
            scanner.copyValue(OutputStream.nullOutputStream());
            return written;
        }
        ByteArrayOutputStream dump = new ByteArrayOutputStream();
        dump.write(entry.type().code());
        scanner.copyValue(dump);
        dump.write(new byte[EMPTY_FOOTER_BYTES]);
        Bytes bytes = Bytes.wrap(dump.toByteArray());
        if (entry.type() == RdbType.STRING) {
            return new Text(DumpPayload.string(bytes));
        }
        byte[] beginning = new byte[Math.min(bytes.length() - 1, EMPTY_FOOTER_BYTES)];
        System.arraycopy(bytes.array(), 1, beginning, 0, beginning.length);
        return new Opaque(TypeName.of(entry.type(), Bytes.wrap(beginning)), bytes);
    }

    /** What is really there, by its own checksum. */
    private Blob string(Blob written) throws IOException {
        MessageDigest sha256 = newSha256();
        Behind content = new Behind(
                lengthBytes(written.length()), new DigestOutputStream(OutputStream.nullOutputStream(), sha256));
        scanner.copyValue(content);
        return new Blob(written.type(), Encoding.RAW, Bytes.wrap(sha256.digest()), content.length, written.day());
    }

    /** How many bytes tell a length before a string that is written as it is. */
    private static int lengthBytes(long length) {
        if (length < 1 << 6) {
            return 1;
        }
        if (length < 1 << 14) {
            return 1 + 1;
        }
        return 1 + (length <= 0xffff_ffffL ? Integer.BYTES : Long.BYTES);
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Lets through what comes after the first bytes. */
    private static final class Behind extends OutputStream {
        private final OutputStream sink;
        private int skip;
        private long length;

        Behind(int skip, OutputStream sink) {
            this.skip = skip;
            this.sink = sink;
        }

        @Override
        public void write(int octet) throws IOException {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            int skipped = Math.min(skip, count);
            skip -= skipped;
            length += count - skipped;
            sink.write(bytes, from + skipped, count - skipped);
        }
    }
}
