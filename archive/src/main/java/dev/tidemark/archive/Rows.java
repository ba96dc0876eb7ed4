package dev.tidemark.archive;

import java.util.Iterator;

/** Rows of one object. For one thread. */
public interface Rows<T> extends Iterator<T>, AutoCloseable {
    @Override
    void close();
}
