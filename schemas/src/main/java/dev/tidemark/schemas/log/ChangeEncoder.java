package dev.tidemark.schemas.log;

import dev.tidemark.schemas.log.LogRow.Change;
import java.util.List;
import org.apache.avro.Schema;

/**
 * Writes changes field by field, in the schema's order: they are nearly all of what is written, and generic records cost
 * several times what is written from them. Everything is still read, and all else still written, by the schema itself, so a
 * field in the wrong place does not come back as it was.
 */
final class ChangeEncoder {
    private static final int NO_MORE_ITEMS = 0;

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
        AvroBytes measured = AvroBytes.measure();
        write(it, measured);
        AvroBytes written = AvroBytes.of(measured);
        write(it, written);
        return written.array();
    }

    private void write(Change it, AvroBytes out) {
        out.raw(head);
        out.number(it.epoch());
        out.number(it.timeMicros());
        out.number(change);
        out.number(it.touchedAfterMicros());
        out.number(it.db());
        out.bytes(it.key());
        if (it.expireAtMillis().isPresent()) {
            out.number(expires);
            out.number(it.expireAtMillis().getAsLong());
        } else {
            out.number(never);
        }
        out.text(it.event());
        write(it.value(), out);
    }

    private void write(Value value, AvroBytes out) {
        if (value instanceof Value.Text it) {
            out.number(text);
            out.bytes(it.bytes());
        } else if (value instanceof Value.Hash it) {
            out.number(hash);
            out.number(it.fields().size());
            for (Value.Field field : it.fields()) {
                out.bytes(field.name());
                out.bytes(field.value());
            }
            out.number(NO_MORE_ITEMS);
        } else if (value instanceof Value.Opaque it) {
            out.number(opaque);
            out.text(it.type());
            out.bytes(it.dump());
        } else if (value instanceof Value.Blob it) {
            out.number(blob);
            out.text(it.type());
            out.number(encoding.getEnumOrdinal(it.encoding().name()));
            out.bytes(it.sha256());
            out.number(it.length());
            out.number(it.day().toEpochDay());
        } else {
            out.number(absent);
        }
    }
}
