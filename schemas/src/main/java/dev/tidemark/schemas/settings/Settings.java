package dev.tidemark.schemas.settings;

import java.util.List;
import java.util.Objects;

/** All that can be set; one file, one record, for every process of a source. */
public record Settings(
        SourceSettings source,
        RedisSettings redis,
        KafkaSettings kafka,
        S3Settings s3,
        CaptureSettings capture,
        CompactorSettings compactor,
        RestorerSettings restorer,
        IndexSettings index,
        RetentionSettings retention,
        HttpSettings http) {
    public Settings {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(redis, "redis");
        Objects.requireNonNull(kafka, "kafka");
        Objects.requireNonNull(s3, "s3");
        Objects.requireNonNull(capture, "capture");
        Objects.requireNonNull(compactor, "compactor");
        Objects.requireNonNull(restorer, "restorer");
        Objects.requireNonNull(index, "index");
        Objects.requireNonNull(retention, "retention");
        Objects.requireNonNull(http, "http");
    }

    /** Nothing set: every default, and what is required missing. */
    public static Settings defaults() {
        return of(SourceSettings.defaults(), RedisSettings.defaults(), KafkaSettings.defaults(), S3Settings.defaults());
    }

    /** What must be said, and defaults for the pace and bounds of the services. */
    public static Settings of(SourceSettings source, RedisSettings redis, KafkaSettings kafka, S3Settings s3) {
        return new Settings(
                source,
                redis,
                kafka,
                s3,
                CaptureSettings.defaults(),
                CompactorSettings.defaults(),
                RestorerSettings.defaults(),
                IndexSettings.defaults(),
                RetentionSettings.defaults(),
                HttpSettings.defaults());
    }

    public Settings with(SourceSettings changed) {
        return new Settings(changed, redis, kafka, s3, capture, compactor, restorer, index, retention, http);
    }

    public Settings with(RedisSettings changed) {
        return new Settings(source, changed, kafka, s3, capture, compactor, restorer, index, retention, http);
    }

    public Settings with(KafkaSettings changed) {
        return new Settings(source, redis, changed, s3, capture, compactor, restorer, index, retention, http);
    }

    public Settings with(S3Settings changed) {
        return new Settings(source, redis, kafka, changed, capture, compactor, restorer, index, retention, http);
    }

    public Settings with(CaptureSettings changed) {
        return new Settings(source, redis, kafka, s3, changed, compactor, restorer, index, retention, http);
    }

    public Settings with(CompactorSettings changed) {
        return new Settings(source, redis, kafka, s3, capture, changed, restorer, index, retention, http);
    }

    public Settings with(RestorerSettings changed) {
        return new Settings(source, redis, kafka, s3, capture, compactor, changed, index, retention, http);
    }

    public Settings with(IndexSettings changed) {
        return new Settings(source, redis, kafka, s3, capture, compactor, restorer, changed, retention, http);
    }

    public Settings with(RetentionSettings changed) {
        return new Settings(source, redis, kafka, s3, capture, compactor, restorer, index, changed, http);
    }

    public Settings with(HttpSettings changed) {
        return new Settings(source, redis, kafka, s3, capture, compactor, restorer, index, retention, changed);
    }

    /** Every broken rule, in the order of the file, each naming its key in full; empty when the role may start. */
    public List<String> problems(Role role) {
        Problems problems = new Problems();
        source.report(problems);
        redis.report(problems, role);
        problems.unless(
                !redis.cluster() || source.databases().equals(List.of(0)),
                "source.databases is " + source.databases() + "; a Redis Cluster has database 0 alone, write [0]");
        for (String stream : source.journal().streams()) {
            problems.unless(
                    !redis.cluster() || stream.matches(".*\\{[^}]+\\}.*"),
                    "source.journal.streams has '" + stream
                            + "', without a hash tag; in a Cluster a stream is of the keys of its tag, for example journal:{a}");
        }
        kafka.report(problems);
        s3.report(problems);
        capture.report(problems);
        compactor.report(problems);
        problems.unless(
                role != Role.COMPACTOR
                        || redis.uri().isPresent()
                        || compactor.baselineInterval().isZero(),
                "redis.uri is missing though compactor.baseline-interval is set; a baseline is read from Redis");
        restorer.report(problems);
        retention.report(problems, role);
        http.report(problems);
        return problems.found();
    }
}
