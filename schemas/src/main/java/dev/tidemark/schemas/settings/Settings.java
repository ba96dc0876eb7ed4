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
        RestorerSettings restorer) {
    public Settings {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(redis, "redis");
        Objects.requireNonNull(kafka, "kafka");
        Objects.requireNonNull(s3, "s3");
        Objects.requireNonNull(capture, "capture");
        Objects.requireNonNull(compactor, "compactor");
        Objects.requireNonNull(restorer, "restorer");
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
                RestorerSettings.defaults());
    }

    public Settings with(CaptureSettings changed) {
        return new Settings(source, redis, kafka, s3, changed, compactor, restorer);
    }

    public Settings with(CompactorSettings changed) {
        return new Settings(source, redis, kafka, s3, capture, changed, restorer);
    }

    public Settings with(RestorerSettings changed) {
        return new Settings(source, redis, kafka, s3, capture, compactor, changed);
    }

    /** Every broken rule, in the order of the file, each naming its key in full; empty when the role may start. */
    public List<String> problems(Role role) {
        Problems problems = new Problems();
        source.report(problems);
        redis.report(problems, role);
        kafka.report(problems);
        s3.report(problems);
        capture.report(problems);
        compactor.report(problems);
        restorer.report(problems);
        return problems.found();
    }
}
