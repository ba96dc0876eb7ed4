package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.restorer.TimeRange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * How exact plans said they are, held against what was done to the deployment on purpose.
 *
 * <p>A key that is touched before an outage and read after it may have changed at any moment between, so the outage's
 * length is in what can be stated, and a busy machine makes it longer. Hence what is judged is what no outage explains.
 */
final class StatedExactness {
    /** What the product promises at its busiest; nothing that an outage does not explain may be more. */
    static final Duration MOST = Duration.ofSeconds(10);

    /** What it promises otherwise. A test states it too seldom for a percentile: one in two must keep it. */
    static final Duration USUAL = Duration.ofSeconds(2);

    private record Stated(Instant at, Duration exactness) {}

    private final List<TimeRange> outages = new ArrayList<>();
    private final List<Stated> all = new ArrayList<>();

    /** From the first blow until claims had caught up with the present; no two overlap. */
    void explainedBy(TimeRange outage) {
        outages.add(outage);
    }

    void stated(Instant at, Duration exactness) {
        all.add(new Stated(at, exactness));
    }

    void requireExplained() {
        List<Duration> unexplained =
                all.stream().map(this::unexplained).sorted().toList();
        assertThat(unexplained)
                .as("what no outage explains of %s, outages %s", all, outages)
                .allMatch(each -> each.compareTo(MOST) < 0);
        assertThat(unexplained.get((unexplained.size() - 1) / 2))
                .as("the median of %s, outages %s", all, outages)
                .isLessThan(USUAL);
    }

    private Duration unexplained(Stated stated) {
        Instant from = stated.at().minus(stated.exactness());
        Duration left = stated.exactness();
        for (TimeRange outage : outages) {
            Instant begin = from.isAfter(outage.from()) ? from : outage.from();
            Instant end = stated.at().isBefore(outage.through()) ? stated.at() : outage.through();
            if (begin.isBefore(end)) {
                left = left.minus(Duration.between(begin, end));
            }
        }
        return left;
    }

    @Override
    public String toString() {
        return all.stream().map(Stated::exactness).toList().toString();
    }
}
