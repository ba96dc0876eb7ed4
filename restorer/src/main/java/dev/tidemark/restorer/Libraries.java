package dev.tidemark.restorer;

import dev.tidemark.restorer.proof.FunctionDump;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.LogRow.Definitions;
import io.lettuce.core.FunctionRestoreMode;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The FUNCTION libraries of the source, and the target's own: those of the same name must be the same, or may be replaced. */
final class Libraries {
    private static final String UNTOUCHED = "Nothing was written to it";

    private final TargetRedis target;
    private final Optional<Bytes> payload;
    private final Map<String, Bytes> wanted;

    private Libraries(TargetRedis target, Optional<Bytes> payload, Map<String, Bytes> wanted) {
        this.target = target;
        this.payload = payload;
        this.wanted = wanted;
    }

    static Libraries of(TargetRedis target, List<Definitions> inForce) {
        return new Libraries(target, payload(inForce), byName(inForce));
    }

    private static Optional<Bytes> payload(List<Definitions> inForce) {
        return inForce.stream()
                .filter(each -> each.kind().equals(Definitions.FUNCTIONS))
                .map(Definitions::payload)
                .findFirst();
    }

    /** Their code, each name once. */
    static Map<String, Bytes> byName(List<Definitions> inForce) {
        try {
            return payload(inForce).map(FunctionDump::libraries).orElse(Map.of());
        } catch (IllegalArgumentException e) {
            throw new TidemarkError(
                    ExitCode.ARCHIVE_DAMAGED,
                    "the archive's FUNCTION libraries cannot be read: %s. Nothing was written to the target. Restore with the build that wrote them, or to an earlier time"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    /** Before the first write. */
    void requireNoConflict(boolean replace) {
        if (wanted.isEmpty()) {
            return;
        }
        Map<String, Bytes> there = there(UNTOUCHED
                + ". The source had FUNCTION libraries, so the target must be Redis 7 or later and let us load them");
        List<String> conflicts = wanted.keySet().stream()
                .filter(name -> there.containsKey(name) && !there.get(name).equals(wanted.get(name)))
                .toList();
        if (!conflicts.isEmpty() && !replace) {
            throw TargetRedis.refused(
                    "%s has FUNCTION libraries that differ from those of the source: %s. Nothing was written to it. Delete them there, or restore with --replace, which empties it first"
                            .formatted(target.address(), String.join(", ", conflicts)));
        }
    }

    /** Loads them; others that are there stay. */
    void restore() {
        if (!wanted.isEmpty()) {
            target.ask(
                    redis -> redis.functionRestore(payload.orElseThrow().array(), FunctionRestoreMode.REPLACE),
                    "The FUNCTION libraries of the source were not loaded, and no key was written");
        }
    }

    /** Those that are not there as they should be, by name. */
    List<String> missing() {
        if (wanted.isEmpty()) {
            return List.of();
        }
        Map<String, Bytes> there = there("Its FUNCTION libraries were not proven");
        return wanted.keySet().stream()
                .filter(name -> !Objects.equals(there.get(name), wanted.get(name)))
                .toList();
    }

    /** The source's, by name. */
    Map<String, Bytes> wanted() {
        return wanted;
    }

    private Map<String, Bytes> there(String consequence) {
        byte[] dump = target.ask(redis -> redis.functionDump(), consequence);
        return FunctionDump.libraries(Bytes.wrap(dump));
    }
}
