package dev.tidemark.schemas.redis;

import java.io.IOException;

/** An error reply. The connection is in order; the message is the server's own. */
public final class RedisRefused extends IOException {
    private static final long serialVersionUID = 1;

    RedisRefused(String answer) {
        super(answer);
    }

    /** The word an error reply begins with; what follows it may quote an argument. */
    public String code() {
        return getMessage().split(" ", 2)[0];
    }
}
