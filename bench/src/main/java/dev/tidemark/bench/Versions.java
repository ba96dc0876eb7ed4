package dev.tidemark.bench;

import java.util.Objects;
import org.apache.kafka.common.utils.AppInfoParser;

/** What ran. The broker is made of the same jars as the client, so it has its version. */
public record Versions(String java, String redis, String kafka, String tidemark) {
    public Versions {
        Objects.requireNonNull(java, "java");
        Objects.requireNonNull(redis, "redis");
        Objects.requireNonNull(kafka, "kafka");
        Objects.requireNonNull(tidemark, "tidemark");
    }

    static Versions with(String redis, String tidemark) {
        return new Versions(Runtime.version().toString(), redis, AppInfoParser.getVersion(), tidemark);
    }
}
