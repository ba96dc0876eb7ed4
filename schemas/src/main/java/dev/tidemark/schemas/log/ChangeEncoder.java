package dev.tidemark.schemas.log;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow.Change;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.io.Encoder;
import org.apache.avro.io.EncoderFactory;

/**
 * Writes changes field by field, in the schema's order: they are nearly all of what is written, and generic records cost
 * several times what is written from them. Everything is still read, and all else still written, by the schema itself, so a
 * field in the wrong place does not come back as it was.
 */
final class ChangeEncoder {
    private static final int ENVELOPE_BYTES = 96;
    private static final int FIELD_BYTES = 8;

    private final byte[] head;
    private final int change;
    private final int expires;
    private final int never;
    private final int absent;
    private final int text;
    private final int hash;
    private final int opaque;
    private final int blob;
    private final Schema encoding;

    /**
     * For a schema of rows.
     *
     * @param head what stands before each record of that schema
     */
    ChangeEncoder(Schema row, byte[] head) {
        this.head = head.clone();
        Schema body = row.getField("body").schema();
        this.change = branch(body, "Change");
        Schema changes = body.getTypes().get(change);
        Schema expiry = changes.getField("expire_at").schema();
        this.expires = branch(expiry, "long");
        this.never = branch(expiry, "null");
        Schema value = changes.getField("value").schema();
        this.absent = branch(value, "null");
        this.text = branch(value, "Text");
        this.hash = branch(value, "Hash");
        this.opaque = branch(value, "Opaque");
        this.blob = branch(value, "Blob");
        this.encoding = value.getTypes().get(blob).getField("encoding").schema();
    }

    private static int branch(Schema union, String name) {
        List<Schema> types = union.getTypes();
        for (int i = 0; i < types.size(); i++) {
            if (types.get(i).getName().equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException("no " + name + " in " + union);
    }

    byte[] encode(Change it) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(sizeMax(it));
        bytes.writeBytes(head);
        try {
            Encoder out = EncoderFactory.get().directBinaryEncoder(bytes, null);
            out.writeLong(it.epoch());
            out.writeLong(it.timeMicros());
            out.writeIndex(change);
            out.writeLong(it.touchedAfterMicros());
            out.writeInt(it.db());
            write(it.key(), out);
            if (it.expireAtMillis().isPresent()) {
                out.writeIndex(expires);
                out.writeLong(it.expireAtMillis().getAsLong());
            } else {
                out.writeIndex(never);
            }
            out.writeString(it.event());
            write(it.value(), out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static int sizeMax(Change it) {
        long fields = it.value() instanceof Value.Hash hash ? hash.fields().size() : 1;
        return Math.toIntExact(ENVELOPE_BYTES + it.key().length() + it.value().sizeBytes() + fields * FIELD_BYTES);
    }

    private void write(Value value, Encoder out) throws IOException {
        if (value instanceof Value.Text it) {
            out.writeIndex(text);
            write(it.bytes(), out);
        } else if (value instanceof Value.Hash it) {
            out.writeIndex(hash);
            out.writeArrayStart();
            out.setItemCount(it.fields().size());
            for (Value.Field field : it.fields()) {
                out.startItem();
                write(field.name(), out);
                write(field.value(), out);
            }
            out.writeArrayEnd();
        } else if (value instanceof Value.Opaque it) {
            out.writeIndex(opaque);
            out.writeString(it.type());
            write(it.dump(), out);
        } else if (value instanceof Value.Blob it) {
            out.writeIndex(blob);
            out.writeString(it.type());
            out.writeEnum(encoding.getEnumOrdinal(it.encoding().name()));
            write(it.sha256(), out);
            out.writeLong(it.length());
            out.writeInt(Math.toIntExact(it.day().toEpochDay()));
        } else {
            out.writeIndex(absent);
            out.writeNull();
        }
    }

    private static void write(Bytes bytes, Encoder out) throws IOException {
        out.writeBytes(bytes.array(), 0, bytes.length());
    }
}
