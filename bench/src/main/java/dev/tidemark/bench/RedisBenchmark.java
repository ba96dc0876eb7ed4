package dev.tidemark.bench;

import dev.tidemark.servers.RedisServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Redis's own benchmark: a figure that others know, beside ours. */
final class RedisBenchmark {
    private static final int PIPELINE = 64;

    private RedisBenchmark() {}

    /** One client that reads one hash again and again; in a sentence. */
    static String hgetall(RedisServer redis, String key, int requests) {
        ProcessBuilder command = new ProcessBuilder(
                "redis-benchmark",
                "-p",
                Integer.toString(redis.port()),
                "-c",
                "1",
                "-P",
                Integer.toString(PIPELINE),
                "-n",
                Integer.toString(requests),
                "--csv",
                "HGETALL",
                key);
        try {
            Process process =
                    command.redirectError(ProcessBuilder.Redirect.DISCARD).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            if (code != 0) {
                throw new IllegalStateException("redis-benchmark ended with code " + code);
            }
            return String.format(
                    Locale.ROOT,
                    "redis-benchmark reads one of them by HGETALL at %,.0f/s, %d to a round trip",
                    rate(said),
                    PIPELINE);
        } catch (IOException e) {
            return "redis-benchmark cannot be run; it comes with Redis's own tools";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while redis-benchmark reads", e);
        }
    }

    /** The second column of the last line. */
    private static double rate(String csv) {
        String last = csv.lines().reduce((before, after) -> after).orElseThrow();
        return Double.parseDouble(last.split("\",\"", -1)[1]);
    }
}
