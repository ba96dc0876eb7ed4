package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Judge;
import dev.tidemark.oracle.judge.Key;
import dev.tidemark.oracle.judge.Operation;
import dev.tidemark.oracle.judge.Trial;
import dev.tidemark.oracle.judge.Verdict;
import dev.tidemark.oracle.judge.Window;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Writes to a Redis what it remembers, and judges what came back.
 *
 * <pre>{@code
 * try (Oracle oracle = Oracle.open(source, OracleOptions.seeded(7))) {
 *     oracle.resume();
 *     oracle.awaitWrites(10_000, Duration.ofMinutes(1));
 *     Instant target = oracle.now();
 *     ... restore to target ...
 *     Verdict verdict = oracle.check(restored, target, exactness);
 * }
 * }</pre>
 *
 * <p>Nobody else may write keys under its prefix, and whoever replaces the source's data (a restart that loses
 * writes, FLUSHALL) calls {@link #rebase} afterwards, having {@link #pause}d before where the process lives on.
 */
public final class Oracle implements AutoCloseable {
    private static final Duration JOIN_WITHIN = Duration.ofSeconds(30);
    /** Before 7.0 an expiry is read as PTTL and clock, each with a millisecond of its own. */
    private static final long TTL_TOLERANCE_BEFORE_7_MILLIS = 2;

    private final Source source;
    private final OracleOptions options;
    private final Chronicle chronicle;
    private final Gate gate;
    private final SourceWorld world;
    private final ServerFacts server;
    private final List<Scribe> scribes = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    private Oracle(Source source, OracleOptions options, ServerFacts server, Chronicle chronicle, SourceWorld world) {
        this.source = source;
        this.options = options;
        this.server = server;
        this.chronicle = chronicle;
        this.world = world;
        // A batch blocks for one silent reply at most, a recovery for a few.
        this.gate = new Gate(options.replyTimeout().multipliedBy(6).plusSeconds(10));
    }

    /** Reads what the source holds under the prefix. Nothing is written before {@link #resume}. */
    public static Oracle open(URI source, OracleOptions options) {
        return open(new OneServer(source, options), options);
    }

    /**
     * Likewise for a Redis Cluster, by the addresses of any of its nodes, all of which have one clock. A slot that moves
     * is followed; after a failover somebody calls {@link #rebase}, as after a restart that loses writes.
     */
    public static Oracle openCluster(List<URI> seeds, OracleOptions options) {
        return open(new ClusterSource(seeds, options), options);
    }

    private static Oracle open(Source source, OracleOptions options) {
        try (Survey survey = source.survey()) {
            Chronicle chronicle = new Chronicle(options.historyEntriesPerKeyMax());
            List<List<OwnKey>> owned = ownKeys(source, options, chronicle);
            Set<Key> keys = new HashSet<>();
            owned.forEach(thread -> thread.forEach(own -> keys.add(own.key())));
            survey.read(judged(options), keys, chronicle::found);
            SourceWorld world = new SourceWorld(survey, homes(source, options, survey), survey.timeMicros());
            Oracle oracle = new Oracle(source, options, survey.anyServer(), chronicle, world);
            owned.forEach(oracle::employ);
            oracle.threads.forEach(Thread::start);
            return oracle;
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot open an oracle: " + failed.getMessage(), failed);
        }
    }

    private static List<List<OwnKey>> ownKeys(Source source, OracleOptions options, Chronicle chronicle) {
        List<List<OwnKey>> owned = new ArrayList<>();
        for (int thread = 0; thread < options.threads(); thread++) {
            Random random = new Random(options.seed() * 31 + thread);
            KeyShapes shapes = new KeyShapes(source.prefix(thread), thread, options.threads(), random);
            List<OwnKey> keys = new ArrayList<>();
            for (int i = 0; i < options.keysPerThread(); i++) {
                Key key = shapes.name(i);
                keys.add(new OwnKey(key, chronicle.historyOf(key), i));
            }
            owned.add(keys);
        }
        return owned;
    }

    private static List<Station.Home> homes(Source source, OracleOptions options, Survey survey) throws IOException {
        List<Station.Home> homes = new ArrayList<>();
        for (int thread = 0; thread < options.threads(); thread++) {
            homes.add(survey.homeOf(source.prefix(thread)));
        }
        return homes;
    }

    private void employ(List<OwnKey> owned) {
        OwnKeys keys = new OwnKeys(owned);
        owned.forEach(own -> keys.moveTo(own, own.history().last().type()));
        Random random = new Random(options.seed() * 37 + scribes.size());
        Composer composer =
                switch (options.mode()) {
                    case OBSERVED -> new ObservedComposer(keys, random, options.bigValues());
                    case PLAIN -> new PlainComposer(keys, random);
                };
        Scribe scribe = new Scribe(scribes.size(), source, options, composer, chronicle, gate, world);
        Thread thread = new Thread(scribe, "oracle-scribe-" + scribes.size());
        thread.setDaemon(true);
        scribes.add(scribe);
        threads.add(thread);
    }

    /** Writes, from now on or again. */
    public void resume() {
        gate.requireSound();
        gate.resume();
    }

    /** Writes no more; returns when every write begun has been answered, or is waiting for a lost source. */
    public void pause() {
        gate.pause();
        settle();
    }

    /** Writes never again. The histories stay, and can be checked against. */
    public void stop() {
        gate.stop();
        long giveUpNanos = System.nanoTime() + JOIN_WITHIN.toNanos();
        for (Thread thread : threads) {
            try {
                thread.join(Math.max(1, (giveUpNanos - System.nanoTime()) / 1_000_000));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    @Override
    public void close() {
        stop();
    }

    /**
     * The source's data was replaced since the last answered write: reads everything anew. Any state between that
     * write and this reading that neither was nor came back is unknown, and judged so. Writing goes on, if it was not
     * paused and had not been given up.
     */
    public void rebase() {
        gate.occupy();
        try (Survey survey = source.survey()) {
            long afterMicros = Math.max(chronicle.lastSeenMicros(), world.sinceMicros());
            survey.read(
                    judged(options),
                    chronicle.histories().keySet(),
                    sighting -> chronicle.worldReplaced(sighting, afterMicros));
            long readMicros = survey.timeMicros();
            List<Station.Home> homes = homes(source, options, survey);
            for (int thread = 0; thread < homes.size(); thread++) {
                boolean sameProcess = homes.get(thread).equals(world.home(thread));
                startAnew(scribes.get(thread), sameProcess, readMicros);
            }
            chronicle.seen(readMicros);
            world.replaced(survey, homes, readMicros);
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot read the source anew: " + failed.getMessage(), failed);
        } finally {
            gate.release();
        }
    }

    /**
     * The source is another server from now on: a failover made a replica the primary. What the former one still takes
     * is no longer the source's, so nothing more is written to it, and everything is read anew as {@link #rebase} does.
     */
    public void moveTo(URI newSource) {
        if (!(source instanceof OneServer one)) {
            throw new IllegalStateException("the oracle of a cluster finds the primaries by itself; call rebase");
        }
        one.moveTo(newSource);
        scribes.forEach(Scribe::reconnect);
        rebase();
    }

    /** On a cluster: the hash slots that are written to, one a thread. Move one of them and see. */
    public List<Integer> slots() {
        return IntStream.range(0, options.threads())
                .mapToObj(thread -> HashSlot.of(source.prefix(thread)))
                .toList();
    }

    private static void startAnew(Scribe scribe, boolean sameProcess, long readMicros) {
        for (OwnKey own : scribe.keys().all()) {
            scribe.keys().moveTo(own, own.history().last().type());
            own.flavour(OwnKey.Flavour.NONE);
        }
        if (sameProcess) {
            // Until their connection is killed, lost commands may still run.
            scribe.openKeys().forEach(own -> own.history().pending(readMicros));
        }
    }

    /** The source's clock. */
    public Instant now() {
        try {
            return instant(source.timeMicros());
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot ask the source for its time: " + failed.getMessage(), failed);
        }
    }

    /** When a key last changed, by the source's clock; the epoch if none has. */
    public Instant lastWriteAt() {
        return instant(chronicle.lastWriteMicros());
    }

    /** An instant to restore to, to the microsecond, both ends included. */
    public static Instant randomInstant(Random random, Instant from, Instant to) {
        long span = ChronoUnit.MICROS.between(from, to);
        return from.plus((long) (random.nextDouble() * (span + 1)), ChronoUnit.MICROS);
    }

    /** Operations performed so far. */
    public long writes() {
        return chronicle.writes();
    }

    /** Operations performed so far, by kind; those that failed by design are not counted. */
    public Map<Operation, Long> performed() {
        return chronicle.performed();
    }

    /** Errors the source answered with, by their first words; unknown commands are among them. */
    public Map<String, Long> refused() {
        return chronicle.refused();
    }

    /** Why writing came to an end by itself: the source stayed away for too long. */
    public Optional<String> gaveUp() {
        return Optional.ofNullable(world.gaveUp());
    }

    Chronicle chronicle() {
        return chronicle;
    }

    /** Waits until so many more operations have been performed. */
    public void awaitWrites(long more, Duration within) {
        long enough = chronicle.writes() + more;
        long giveUpNanos = System.nanoTime() + within.toNanos();
        while (chronicle.writes() < enough) {
            gate.requireSound();
            if (gate.stopped()) {
                throw new IllegalStateException("the oracle was stopped, nothing more will be written");
            }
            if (System.nanoTime() > giveUpNanos) {
                throw new IllegalStateException("only " + (chronicle.writes() - enough + more) + " of " + more
                        + " operations were performed within " + within
                        + gaveUp().map(why -> "; " + why).orElse(""));
            }
            restAMoment();
        }
    }

    private void restAMoment() {
        try {
            gate.rest(Duration.ofMillis(5));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for writes", interrupted);
        }
    }

    /** What is done on this server and not on every one. */
    public Set<Operation> onlyHere() {
        Set<Operation> operations = EnumSet.noneOf(Operation.class);
        if (server.expiresFields()) {
            operations.addAll(Operation.ofExpiringFields());
        }
        if (server.isRedis8()) {
            operations.addAll(Operation.ofRedis8());
        }
        return operations;
    }

    /**
     * Judges a restored server, in the database that the source's URI names: whether every key holds a state it
     * truly had at some instant of [at - lag, at].
     *
     * @param at no later than the source's clock now: what is still to be written cannot be judged
     */
    public Verdict check(URI restored, Instant at, Duration lag) {
        return check(new OneServer(restored, options), at, lag);
    }

    /** Likewise what all primaries of a restored Redis Cluster hold together, by the addresses of any of its nodes. */
    public Verdict checkCluster(List<URI> seeds, Instant at, Duration lag) {
        return check(new ClusterSource(seeds, options), at, lag);
    }

    private Verdict check(Source restored, Instant at, Duration lag) {
        settle();
        requirePast(at);
        Window window = new Window(micros(at.minus(lag)), micros(at));
        requireRemembered(window);
        try (Survey survey = restored.survey()) {
            Inspection inspection = Inspection.of(survey, source.database(), judged(options));
            boolean exact = server.tellsExpireTime() && inspection.server().tellsExpireTime();
            Judge judge = new Judge(window, inspection.readAtMicros(), exact ? 0 : TTL_TOLERANCE_BEFORE_7_MILLIS);
            Trial trial = new Trial(judge, window.throughMicros());
            inspection.hear(trial, chronicle.histories(), judged(options));
            return trial.verdict(at, lag);
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot read what was restored: " + failed.getMessage(), failed);
        }
    }

    /** A key in flight while the judge looks would be undecided for nothing: lets what was begun come to its end. */
    private void settle() {
        gate.requireSound();
        gate.occupy();
        try {
            followMoves();
        } finally {
            gate.release();
        }
        gate.requireSound();
    }

    private void followMoves() {
        if (!(source instanceof ClusterSource)) {
            return;
        }
        try {
            for (Scribe scribe : scribes) {
                scribe.followMove();
            }
        } catch (IOException unreachable) {
            // A cluster that cannot be asked moves nothing that anybody could have read.
        }
    }

    private void requirePast(Instant at) {
        Instant now;
        try {
            now = now();
        } catch (UncheckedIOException gone) {
            // A source that is gone writes no more: every instant is past.
            return;
        }
        if (at.isAfter(now)) {
            throw new IllegalArgumentException(
                    at + " is still to come at the source, where it is " + now + "; nothing can be said of it");
        }
    }

    private void requireRemembered(Window window) {
        long forgotten = chronicle.forgottenThroughMicros();
        if (window.fromMicros() <= forgotten) {
            throw new IllegalArgumentException("the window begins at " + instant(window.fromMicros())
                    + " but histories are complete only after " + instant(forgotten)
                    + "; choose a later time, or a larger historyEntriesMax");
        }
    }

    private static Predicate<Key> judged(OracleOptions options) {
        return key -> key.startsWith(options.prefix()) && !options.ignored().test(key);
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }
}
