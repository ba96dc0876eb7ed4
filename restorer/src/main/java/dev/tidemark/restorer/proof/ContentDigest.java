package dev.tidemark.restorer.proof;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Field;
import dev.tidemark.schemas.log.Value.Hash;
import dev.tidemark.schemas.log.Value.Opaque;
import dev.tidemark.schemas.log.Value.Text;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A SHA-256 of what a value means: two values of one server with the same digest are the same. */
public final class ContentDigest {
    private ContentDigest() {}

    /** Of its type and its content, not of its expiry. */
    public static Bytes of(Value value) {
        MessageDigest sha256 = newSha256();
        add(sha256, Bytes.utf8(value.type()));
        if (value instanceof Text text) {
            add(sha256, Bytes.wrap(newSha256().digest(text.bytes().array())));
        } else if (value instanceof Blob blob) {
            // That of a string is its checksum too, so it does not matter on which side of the bound it lies.
            add(sha256, blob.sha256());
        } else if (value instanceof Hash hash) {
            List<Field> sorted = new ArrayList<>(hash.fields());
            sorted.sort(Comparator.comparing(Field::name));
            sorted.forEach(field -> {
                add(sha256, field.name());
                add(sha256, field.value());
            });
        } else if (value instanceof Opaque opaque) {
            DumpPayload.Content content = DumpPayload.content(opaque.dump(), Long.MIN_VALUE);
            (content.isTakenApart() ? content.parts() : List.of(opaque.dump())).forEach(part -> add(sha256, part));
        }
        return Bytes.wrap(sha256.digest());
    }

    private static void add(MessageDigest sha256, Bytes part) {
        sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length()).array());
        sha256.update(part.array());
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
