package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Key;
import dev.tidemark.oracle.judge.KeyState;

/** A key as it was read, at some instant between two times of the server's clock. */
record Sighting(Key key, KeyState state, long fromMicros, long throughMicros) {}
