package dev.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SamplesTest {
    @Test
    void theMedianIsTheOneInTheMiddleOrTheMeanOfTwo() {
        assertThat(new Samples(List.of(9.0, 1.0, 5.0)).median()).isEqualTo(5.0);
        assertThat(new Samples(List.of(9.0, 1.0, 5.0, 2.0)).median()).isEqualTo(3.5);
        assertThat(Samples.of(7.0).median()).isEqualTo(7.0);
    }

    @Test
    void aPercentileIsAValueThatWasMeasured() {
        Samples hundred = new Samples(
                IntStream.rangeClosed(1, 100).mapToObj(i -> (double) (101 - i)).toList());

        assertThat(hundred.percentile(0.99)).isEqualTo(99.0);
        assertThat(hundred.percentile(1)).isEqualTo(100.0);
        assertThat(hundred.percentile(0.01)).isEqualTo(1.0);
        assertThat(new Samples(List.of(3.0, 1.0, 2.0)).percentile(0.99)).isEqualTo(3.0);
    }

    @Property(tries = 300)
    void halfOfAllLieOnEachSideOfTheMedianAndAllWithinTheSpread(
            @ForAll @Size(min = 1, max = 30) List<@DoubleRange(min = -1e6, max = 1e6) Double> values) {
        Samples samples = new Samples(values);

        double median = samples.median();
        Spread spread = samples.spread();
        assertThat(values.stream().filter(each -> each <= median).count() * 2).isGreaterThanOrEqualTo(values.size());
        assertThat(values.stream().filter(each -> each >= median).count() * 2).isGreaterThanOrEqualTo(values.size());
        assertThat(values).allMatch(each -> spread.min() <= each && each <= spread.max());
        assertThat(values).contains(spread.min(), spread.max());
    }

    @Test
    void whatWasNotMeasuredIsNoSample() {
        assertThatThrownBy(() -> new Samples(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Samples.of(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Samples.of(1.0 / 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSpeedMustReachItsGoalAndATimeMustNotPassIt() {
        Samples ten = Samples.of(10);

        assertThat(Metric.of("speed", "/s", Samples.of(5), ten, Goal.atLeast(0.5))
                        .met())
                .isTrue();
        assertThat(Metric.of("speed", "/s", Samples.of(4.99), ten, Goal.atLeast(0.5))
                        .met())
                .isFalse();
        assertThat(Metric.of("time", "s", Samples.of(10), ten, Goal.atMost(1)).met())
                .isTrue();
        assertThat(Metric.of("time", "s", Samples.of(10.1), ten, Goal.atMost(1)).met())
                .isFalse();
    }

    @Test
    void theRatioIsThatOfTheMedians() {
        Metric metric = Metric.of(
                "speed",
                "/s",
                new Samples(List.of(1.0, 30.0, 3.0)),
                new Samples(List.of(6.0, 100.0, 5.0)),
                Goal.atLeast(0.5));

        assertThat(metric.ours()).isEqualTo(3.0);
        assertThat(metric.limit()).isEqualTo(6.0);
        assertThat(metric.ratio()).isEqualTo(0.5);
        assertThat(metric.met()).isTrue();
        assertThat(metric.spread().ours()).isEqualTo(new Spread(1, 30));
        assertThat(metric.spread().limit()).isEqualTo(new Spread(5, 100));
    }
}
