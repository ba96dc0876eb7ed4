package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Operation;
import java.io.IOException;

/**
 * How an operation is drafted.
 *
 * @param weight how often, against the other operations
 */
record Recipe(Operation operation, int weight, Writing writing) {

    /** Picks keys and adds commands. */
    @FunctionalInterface
    interface Writing {
        void write(Draft draft) throws IOException, Draft.NoKeyFree;
    }
}
