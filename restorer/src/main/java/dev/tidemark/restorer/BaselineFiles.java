package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.Baselines;
import dev.tidemark.schemas.HashSlot;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.BaselineKey;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.Baseline.Node;
import dev.tidemark.schemas.settings.SourceKeys;
import dev.tidemark.schemas.settings.SourceSettings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The baselines that a restore may start from, and why others may not.
 *
 * @param whole those whose files are there, by HEAD, the latest begun first
 * @param unusable a sentence for each other one
 */
record BaselineFiles(List<Baseline> whole, List<String> unusable) {
    /** Of the newest; with one a day, half a year. */
    private static final int LOOKED_AT_MAX = 180;

    BaselineFiles {
        whole = List.copyOf(whole);
        unusable = List.copyOf(unusable);
    }

    static BaselineFiles none() {
        return new BaselineFiles(List.of(), List.of());
    }

    /**
     * @param source whose prefixes and databases a restore is of: what holds more than was captured then was not kept up
     * @param excluded found damaged since
     */
    static BaselineFiles of(Archive archive, SourceSettings source, Set<BaselineKey> excluded) {
        SourceKeys keys = new SourceKeys(source);
        Baselines baselines = archive.baselines();
        List<Baseline> whole = new ArrayList<>();
        List<String> unusable = new ArrayList<>();
        for (BaselineKey manifest :
                baselines.manifests().stream().limit(LOOKED_AT_MAX).toList()) {
            if (excluded.contains(manifest)) {
                continue;
            }
            try {
                baselines.read(manifest).ifPresent(baseline -> {
                    Optional<String> fault = fault(baselines, baseline, keys);
                    fault.ifPresentOrElse(
                            what -> unusable.add("%s is not used: %s".formatted(baselines.uriOf(manifest), what)),
                            () -> whole.add(baseline));
                });
            } catch (TidemarkError damaged) {
                if (damaged.code() != ExitCode.ARCHIVE_DAMAGED) {
                    throw damaged;
                }
                // Another baseline, or the log alone, serves as well.
                unusable.add(damaged.getMessage());
            }
        }
        return new BaselineFiles(whole, unusable);
    }

    /** When the newest one that is whole was begun. */
    Optional<Instant> newest() {
        return whole.stream()
                .map(baseline -> RedisTime.instant(baseline.manifest().startedMicros()))
                .findFirst();
    }

    private static Optional<String> fault(Baselines baselines, Baseline baseline, SourceKeys keys) {
        BitSet held = new BitSet();
        for (Node node : baseline.nodes()) {
            if (!keys.areOf(node.watch())) {
                return Optional.of(
                        "other prefixes or databases were captured when it was taken; restore from it with source.prefixes and source.databases as they were then");
            }
            if (!baselines.isThere(node.snapshot())) {
                return Optional.of(baselines.uriOf(node.snapshot().key()) + " is missing or has another length");
            }
            for (int slot = 0; slot < HashSlot.COUNT; slot++) {
                if (node.slots().contains(slot)) {
                    if (held.get(slot)) {
                        return Optional.of("two nodes hold slot " + slot);
                    }
                    held.set(slot);
                }
            }
        }
        return held.cardinality() == HashSlot.COUNT
                ? Optional.empty()
                : Optional.of("its nodes do not hold every slot");
    }
}
