package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.settings.Settings;
import java.util.Optional;
import java.util.function.IntPredicate;

/** Looks at the log for one or more plans: as little as will do, and at all of it once, however many plans need that. */
final class LogSurveys {
    private final Settings settings;
    private final Archive archive;
    private final boolean withTail;
    private final IntPredicate shards;
    private Optional<Survey> whole = Optional.empty();

    /** @param shards that are looked at */
    LogSurveys(Settings settings, Archive archive, boolean withTail, IntPredicate shards) {
        this.settings = settings;
        this.archive = archive;
        this.withTail = withTail;
        this.shards = shards;
    }

    /** What S3 holds of the hours before that one. */
    Survey before(Hour hour) {
        return Survey.ofLog(settings, archive, false, shards, Optional.of(hour));
    }

    Survey whole() {
        if (whole.isEmpty()) {
            whole = Optional.of(Survey.ofLog(settings, archive, withTail, shards, Optional.empty()));
        }
        return whole.get();
    }
}
