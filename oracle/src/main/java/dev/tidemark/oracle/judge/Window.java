package dev.tidemark.oracle.judge;

/** The instants at which a restored state may have been true, both ends included. */
public record Window(long fromMicros, long throughMicros) {
    public Window {
        if (fromMicros > throughMicros) {
            throw new IllegalArgumentException("a window ends before it begins: " + fromMicros + ".." + throughMicros);
        }
    }

    boolean meets(long from, long through) {
        return from <= through && from <= throughMicros && through >= fromMicros;
    }
}
