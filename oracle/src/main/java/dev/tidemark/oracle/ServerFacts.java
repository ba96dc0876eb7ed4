package dev.tidemark.oracle;

import java.io.IOException;

/** Which process answers, and what it can do. */
record ServerFacts(String runId, int major, int minor) {

    static ServerFacts of(RedisConnection connection) throws IOException {
        String info = connection.call(Command.of("INFO", "server")).text();
        String[] version = field(info, "redis_version").split("\\.", -1);
        return new ServerFacts(field(info, "run_id"), Integer.parseInt(version[0]), Integer.parseInt(version[1]));
    }

    /** PEXPIRETIME came with 7.0; before it an expiry is PTTL plus the clock. */
    boolean tellsExpireTime() {
        return major >= 7;
    }

    /** Fields of hashes came to expire with Redis 7.4; Valkey calls itself 7.2 for ever. */
    boolean expiresFields() {
        return major > 7 || (major == 7 && minor >= 4);
    }

    /** Which has vector sets, and commands that read a field and change it. */
    boolean isRedis8() {
        return major >= 8;
    }

    private static String field(String info, String name) throws IOException {
        for (String line : info.split("\r\n", -1)) {
            if (line.startsWith(name + ":")) {
                return line.substring(name.length() + 1).trim();
            }
        }
        throw new IOException("INFO server has no field " + name);
    }
}
