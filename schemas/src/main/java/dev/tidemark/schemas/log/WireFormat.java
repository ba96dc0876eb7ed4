package dev.tidemark.schemas.log;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;

/**
 * Avro's single-object encoding of one kind of record: two marker bytes, the fingerprint of the schema it was written
 * with, the body. Written with the newest version, read with any that was ever published: {@code name-1.avsc} and so on
 * are the schema store.
 */
final class WireFormat {
    private static final byte[] MARKER = {(byte) 0xc3, 0x01};

    private final Schema newest;
    private final BinaryMessageEncoder<GenericRecord> encoder;
    private final BinaryMessageDecoder<GenericRecord> decoder;

    private WireFormat(List<Schema> versions) {
        GenericData model = new GenericData();
        newest = versions.get(versions.size() - 1);
        encoder = new BinaryMessageEncoder<>(model, newest);
        decoder = new BinaryMessageDecoder<>(model, newest);
        versions.forEach(decoder::addSchema);
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

    GenericRecord decode(byte[] bytes) throws UnreadableRecord {
        try {
            return decoder.decode(bytes);
        } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException | NegativeArraySizeException e) {
            throw new UnreadableRecord(
                    "a record of %d bytes does not decode as %s".formatted(bytes.length, newest.getName()), e);
        }
    }
}
