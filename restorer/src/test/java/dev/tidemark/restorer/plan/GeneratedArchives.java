package dev.tidemark.restorer.plan;

import dev.tidemark.restorer.plan.ShardArchive.Lost;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.Slots;
import dev.tidemark.schemas.layout.ArchiveKey.BaselineKey;
import dev.tidemark.schemas.layout.ArchiveKey.RollUpKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.Baseline.Mode;
import dev.tidemark.schemas.layout.Baseline.Node;
import dev.tidemark.schemas.layout.Baseline.StoredFile;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.Tidemark.Base;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Archives as they may be found, small enough that every offset and every microsecond can be looked at. */
final class GeneratedArchives {
    private static final int OFFSETS_MAX = 60;

    private final Random random;

    GeneratedArchives(long seed) {
        this.random = new Random(seed);
    }

    /** What really happened in a shard: the claims that were made, and how the log was cut. */
    record History(int shard, List<ClaimInterval> claims, List<Segment> segments, long end) {}

    List<ShardArchive> source() {
        List<ShardArchive> shards = new ArrayList<>();
        int count = 1 + random.nextInt(3);
        for (int shard = 0; shard < count; shard++) {
            shards.add(damaged(history(shard)));
        }
        return shards;
    }

    /** Of times that may or may not lie where the source's claims do. */
    List<Baseline> baselines() {
        List<Baseline> baselines = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            long begin = random.nextInt(150);
            baselines.add(baseline(begin, begin + random.nextInt(12)));
        }
        return baselines;
    }

    static Baseline baseline(long begin, long fork) {
        BaselineKey manifest = new BaselineKey(begin, "00000000", BaselineKey.MANIFEST);
        StoredFile file = new StoredFile(manifest.snapshotOf(0), 10, Bytes.wrap(new byte[32]));
        Node node = new Node("n", "run", "repl", "watch", 1, Slots.all(), begin, fork, 10, "7.0", 1, file);
        return new Baseline(manifest, "prod", Mode.REPLICATION, List.of(node));
    }

    History history(int shard) {
        List<ClaimInterval> claims = new ArrayList<>();
        long offset = 0;
        long micros = 1L + random.nextInt(20);
        int bases = random.nextInt(10) == 0 ? 0 : 1 + random.nextInt(3);
        for (int i = 0; i < bases && offset < OFFSETS_MAX; i++) {
            long begin = offset + random.nextInt(3);
            long end = begin + 1 + random.nextInt(4);
            micros += random.nextInt(6);
            Base base = new Base(begin, end, micros);
            offset = end + 1;
            int tidemarks = random.nextInt(8);
            for (int j = 0; j < tidemarks; j++) {
                offset += random.nextInt(4);
                micros += random.nextInt(9);
                claims.add(new ClaimInterval(base, micros, offset, random.nextInt(4)));
            }
            if (random.nextInt(5) == 0 && !claims.isEmpty()) {
                // A scheduled resync: the base before it goes on being claimed meanwhile.
                micros -= Math.min(2, micros - base.endMicros());
            }
            micros += random.nextInt(8);
        }
        long end = offset + random.nextInt(4);
        return new History(shard, claims, cut(shard, claims, end), end);
    }

    private List<Segment> cut(int shard, List<ClaimInterval> claims, long end) {
        List<Segment> segments = new ArrayList<>();
        long from = 0;
        int next = 0;
        long last = 1;
        while (from < end) {
            long to = Math.min(end, from + 1 + random.nextInt(9));
            List<ClaimInterval> carried = new ArrayList<>();
            while (next < claims.size() && claims.get(next).offset() <= to) {
                ClaimInterval claim = claims.get(next++);
                last = Math.max(last, claim.throughMicros());
                carried = new ArrayList<>(ClaimInterval.append(carried, claim));
            }
            segments.add(segment(shard, from, to, last, carried));
            from = to;
        }
        return segments;
    }

    ShardArchive damaged(History history) {
        boolean whole = random.nextInt(3) == 0;
        int archived = whole
                ? history.segments().size()
                : random.nextInt(history.segments().size() + 1);
        List<Segment> segments = new ArrayList<>(history.segments().subList(0, archived));
        int faults = whole ? 0 : random.nextInt(3);
        for (int i = 0; i < faults && !segments.isEmpty(); i++) {
            int at = random.nextInt(segments.size());
            if (random.nextInt(4) == 0) {
                Segment there = segments.get(at);
                long from = Math.max(0, there.key().frontier() - random.nextInt(4));
                segments.add(segment(
                        history.shard(), from, there.end() + random.nextInt(4), there.lastMicros(), there.claims()));
            } else {
                segments.remove(at);
            }
        }
        ShardArchive unrolled = new ShardArchive(history.shard(), segments, progress(history), tail(history));
        return random.nextInt(3) == 0 ? unrolled : rolled(history, unrolled, whole);
    }

    /** The first hours are rolled up; their files may be lost, and their segments may be deleted by now. */
    private ShardArchive rolled(History history, ShardArchive archive, boolean whole) {
        List<RollUp> rollUps = new ArrayList<>();
        List<Lost> lost = new ArrayList<>();
        for (RollUp rollUp : rollUps(history)) {
            if (!whole && random.nextInt(6) == 0) {
                lost.add(new Lost(rollUp.from(), rollUp.to(), rollUp.claims()));
            } else if (whole || random.nextInt(8) != 0) {
                rollUps.add(rollUp);
            }
        }
        if (!whole && !rollUps.isEmpty() && random.nextInt(10) == 0) {
            RollUp wrong = rollUps.get(random.nextInt(rollUps.size()));
            rollUps.add(rollUp(
                    history.shard(),
                    99,
                    wrong.from() + random.nextInt(2),
                    wrong.to() + 1,
                    wrong.lastMicros(),
                    List.of()));
        }
        long kept = random.nextInt(OFFSETS_MAX);
        List<Segment> segments = random.nextBoolean()
                ? archive.segments()
                : archive.segments().stream()
                        .filter(segment -> segment.to() > kept
                                || rollUps.stream().noneMatch(rollUp -> rollUp.to() >= segment.to()))
                        .toList();
        return new ShardArchive(
                history.shard(), rollUps, segments, lost, archive.progress(), archive.tail(), archive.keptFrom());
    }

    /** Some segments from the beginning on, as hours of a few each; now and then one without any. */
    List<RollUp> rollUps(History history) {
        List<RollUp> rollUps = new ArrayList<>();
        List<Segment> left = new ArrayList<>(
                history.segments().subList(0, random.nextInt(history.segments().size() + 1)));
        long from = 0;
        long last = 0;
        for (int hour = 0; !left.isEmpty(); hour++) {
            List<ClaimInterval> claims = List.of();
            long to = from;
            for (int i = random.nextInt(4); i > 0 && !left.isEmpty(); i--) {
                Segment segment = left.remove(0);
                to = segment.to();
                last = segment.lastMicros();
                for (ClaimInterval claim : segment.claims()) {
                    claims = ClaimInterval.append(claims, claim);
                }
            }
            rollUps.add(rollUp(history.shard(), hour, from, to, last, claims));
            from = to;
        }
        return rollUps;
    }

    private static RollUp rollUp(int shard, int hour, long from, long to, long lastMicros, List<ClaimInterval> claims) {
        long rows = to - from;
        return new RollUp(
                new RollUpKey(Hour.of(hour * 3_600_000_000L), shard),
                1,
                from,
                to,
                100 + to,
                lastMicros,
                rows,
                0,
                claims,
                10 * rows,
                rows == 0 ? "" : "of " + rows,
                Segment.LAYOUT);
    }

    private Optional<Progress> progress(History history) {
        if (random.nextBoolean()) {
            return Optional.empty();
        }
        Optional<ClaimInterval> claim = history.claims().isEmpty() || random.nextInt(3) == 0
                ? Optional.empty()
                : Optional.of(
                        history.claims().get(random.nextInt(history.claims().size())));
        if (claim.isPresent() && random.nextInt(4) == 0) {
            ClaimInterval right = claim.get();
            claim = Optional.of(new ClaimInterval(
                    right.base(), right.throughMicros() + random.nextInt(10), right.offset() + random.nextInt(30), 0));
        }
        return Optional.of(new Progress(history.shard(), 1, random.nextInt(OFFSETS_MAX), Optional.empty(), claim));
    }

    private Optional<Tail> tail(History history) {
        if (random.nextInt(3) == 0) {
            return Optional.empty();
        }
        long start = random.nextInt(3) == 0 ? 0 : random.nextInt((int) history.end() + 5);
        long end = random.nextInt(3) == 0 ? start + random.nextInt(OFFSETS_MAX) : Math.max(start, history.end());
        List<ClaimInterval> claims = history.claims().isEmpty()
                ? List.of()
                : history.claims()
                        .subList(
                                random.nextInt(history.claims().size()),
                                history.claims().size());
        return Optional.of(new Tail(start, end, claims));
    }

    static Segment segment(int shard, long from, long to, long lastMicros, List<ClaimInterval> claims) {
        List<ClaimInterval> fitting =
                claims.stream().filter(claim -> claim.offset() <= to).toList();
        SegmentKey key = new SegmentKey(Hour.of(0), shard, 1, from);
        return new Segment(key, to, 100 + to, lastMicros, to - from, fitting, 10 * (to - from), "");
    }
}
