package dev.tidemark.schemas.log;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.message.BinaryMessageEncoder;

/**
 * Avro's single-object encoding of one kind of record: two marker bytes, the fingerprint of the schema it was written
 * with, the body. Written with the newest version, read with any that was ever published: {@code name-1.avsc} and so on
 * are the schema store.
 */
final class WireFormat {
    private static final byte[] MARKER = {(byte) 0xc3, 0x01};
    private static final int HEAD_BYTES = MARKER.length + Long.BYTES;

    private final Schema newest;
    private final BinaryMessageEncoder<GenericRecord> encoder;
    private final Map<Long, GenericDatumReader<GenericRecord>> readers = new HashMap<>();

    private WireFormat(List<Schema> versions) {
        GenericData model = new GenericData();
        newest = versions.get(versions.size() - 1);
        encoder = new BinaryMessageEncoder<>(model, newest);
        versions.forEach(version -> readers.put(
                SchemaNormalization.parsingFingerprint64(version), new GenericDatumReader<>(version, newest, model)));
    }

    /** The format of a record kind, with all its versions, oldest first, from the class path. */
    static WireFormat of(String name, int versions) {
        return new WireFormat(java.util.stream.IntStream.rangeClosed(1, versions)
                .mapToObj(version -> schema(name, version))
                .toList());
    }

    static Schema schema(String name, int version) {
        String resource = name + "-" + version + ".avsc";
        try (InputStream in = WireFormat.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the schema " + resource + " is not on the class path");
            }
            return new Schema.Parser().parse(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Schema newest() {
        return newest;
    }

    /** What stands before each record of the newest version. */
    byte[] head() {
        try {
            byte[] fingerprint = SchemaNormalization.parsingFingerprint("CRC-64-AVRO", newest);
            byte[] head = Arrays.copyOf(MARKER, MARKER.length + fingerprint.length);
            System.arraycopy(fingerprint, 0, head, MARKER.length, fingerprint.length);
            return head;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Avro has no fingerprint of its own", e);
        }
    }

    byte[] encode(GenericRecord record) {
        try {
            ByteBuffer encoded = encoder.encode(record);
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From the array itself: Avro's own decoder of such messages reads a stream, and copies each value once more. */
    GenericRecord decode(byte[] bytes) throws UnreadableRecord {
        if (bytes == null) {
            throw new UnreadableRecord("a record without a value is no " + newest.getName(), null);
        }
        try {
            return readerOf(bytes)
                    .read(null, DecoderFactory.get().binaryDecoder(bytes, HEAD_BYTES, bytes.length - HEAD_BYTES, null));
        } catch (IOException
                | AvroRuntimeException
                | UnsupportedOperationException
                | IndexOutOfBoundsException
                | NegativeArraySizeException e) {
            throw new UnreadableRecord(
                    "a record of %d bytes does not decode as %s".formatted(bytes.length, newest.getName()), e);
        }
    }

    private GenericDatumReader<GenericRecord> readerOf(byte[] bytes) throws IOException {
        if (bytes.length < HEAD_BYTES || !Arrays.equals(MARKER, 0, MARKER.length, bytes, 0, MARKER.length)) {
            throw new IOException("it does not begin as a record");
        }
        long fingerprint = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(MARKER.length);
        GenericDatumReader<GenericRecord> reader = readers.get(fingerprint);
        if (reader == null) {
            throw new IOException("nobody knows its schema, %016x".formatted(fingerprint));
        }
        return reader;
    }
}
