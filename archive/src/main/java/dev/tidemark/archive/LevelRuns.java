package dev.tidemark.archive;

import java.io.ByteArrayOutputStream;
import org.apache.parquet.bytes.BytesInput;

/**
 * Repetition or definition levels of one page, as Parquet's hybrid encoding has them, in runs alone. Whoever writes lists
 * knows their lengths, so a level need not be looked at for each element.
 */
final class LevelRuns {
    private final ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    private int level;
    private int length;

    /** The next {@code count} values have this level, which takes no more than a byte. */
    void add(int levelOfAll, int count) {
        if (levelOfAll != level) {
            endRun();
            level = levelOfAll;
        }
        length += count;
    }

    private void endRun() {
        if (length == 0) {
            return;
        }
        // The lowest bit 0 says a run; what follows is the one value that it repeats.
        int head = length << 1;
        while (head > 0x7f) {
            encoded.write((head & 0x7f) | 0x80);
            head >>>= 7;
        }
        encoded.write(head);
        encoded.write(level);
        length = 0;
    }

    /** With the length before them, as a data page of version 1 has them; no more can be added. */
    BytesInput page() {
        endRun();
        return BytesInput.concat(BytesInput.fromInt(encoded.size()), BytesInput.from(encoded));
    }

    void reset() {
        encoded.reset();
        level = 0;
        length = 0;
    }
}
