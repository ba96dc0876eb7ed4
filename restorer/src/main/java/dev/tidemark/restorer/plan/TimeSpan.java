package dev.tidemark.restorer.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Times from one microsecond through another, both among them. */
public record TimeSpan(long fromMicros, long throughMicros) {
    public TimeSpan {
        if (throughMicros < fromMicros) {
            throw new IllegalArgumentException("no time lies from " + fromMicros + " through " + throughMicros);
        }
    }

    boolean contains(long micros) {
        return fromMicros <= micros && micros <= throughMicros;
    }

    /** The same times in as few spans as possible, in order. */
    static List<TimeSpan> union(List<TimeSpan> spans) {
        List<TimeSpan> sorted = new ArrayList<>(spans);
        sorted.sort(Comparator.comparingLong(TimeSpan::fromMicros));
        List<TimeSpan> merged = new ArrayList<>();
        for (TimeSpan span : sorted) {
            TimeSpan last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
            if (last != null && span.fromMicros() <= last.throughMicros() + 1) {
                merged.set(
                        merged.size() - 1,
                        new TimeSpan(last.fromMicros(), Math.max(last.throughMicros(), span.throughMicros())));
            } else {
                merged.add(span);
            }
        }
        return List.copyOf(merged);
    }

    /** The times that lie in both; each list is a union. */
    static List<TimeSpan> intersection(List<TimeSpan> ones, List<TimeSpan> others) {
        List<TimeSpan> common = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < ones.size() && j < others.size()) {
            TimeSpan one = ones.get(i);
            TimeSpan other = others.get(j);
            long from = Math.max(one.fromMicros(), other.fromMicros());
            long through = Math.min(one.throughMicros(), other.throughMicros());
            if (from <= through) {
                common.add(new TimeSpan(from, through));
            }
            if (one.throughMicros() <= other.throughMicros()) {
                i++;
            } else {
                j++;
            }
        }
        return List.copyOf(common);
    }

    static boolean anyContains(List<TimeSpan> spans, long micros) {
        return spans.stream().anyMatch(span -> span.contains(micros));
    }
}
