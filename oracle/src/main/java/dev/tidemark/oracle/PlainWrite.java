package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.KeyState;
import dev.tidemark.oracle.judge.Operation;

/** A bare command and what it leaves. */
record PlainWrite(Operation operation, OwnKey key, Command command, KeyState leaves) {}
