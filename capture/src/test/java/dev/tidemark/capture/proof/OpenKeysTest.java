package dev.tidemark.capture.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.Bytes;
import org.junit.jupiter.api.Test;

class OpenKeysTest {
    private static final KeyRef KEY = new KeyRef(0, Bytes.utf8("key"));

    private final OpenKeys open = new OpenKeys();

    @Test
    void touchesBeforeTheReadAreOneSinceTheFirst() {
        open.touched(KEY, "set", 3);
        open.touched(KEY, "append", 5);

        assertThat(open.nextToRead()).contains(new OpenKeys.Read(KEY, 3, "append"));
        assertThat(open.nextToRead()).isEmpty();
    }

    @Test
    void aTouchDuringTheReadIsReadAgainButOnlyAfterTheAcknowledgement() {
        open.touched(KEY, "", 3);
        open.nextToRead();
        open.touched(KEY, "", 5);

        assertThat(open.nextToRead()).as("one read at a time").isEmpty();
        assertThat(open.oldest()).isEqualTo(3);
        open.acknowledged(KEY);
        assertThat(open.oldest()).isEqualTo(5);
        assertThat(open.nextToRead()).contains(new OpenKeys.Read(KEY, 5, ""));
        open.acknowledged(KEY);
        assertThat(open.oldest()).isEqualTo(OpenKeys.NONE);
        assertThat(open.size()).isZero();
        assertThat(open.bytes()).isEqualTo(new OpenKeys().bytes());
    }

    @Test
    void aFailedReadLeavesTheKeyAsOldAsItWas() {
        open.touched(KEY, "", 3);
        open.nextToRead();
        open.touched(KEY, "", 5);
        open.failed(KEY);

        assertThat(open.oldest()).isEqualTo(3);
        assertThat(open.nextToRead()).contains(new OpenKeys.Read(KEY, 3, ""));
        open.acknowledged(KEY);
        assertThat(open.oldest()).as("both touches are answered").isEqualTo(OpenKeys.NONE);
    }
}
