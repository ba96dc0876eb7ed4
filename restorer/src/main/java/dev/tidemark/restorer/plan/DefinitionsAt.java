package dev.tidemark.restorer.plan;

import dev.tidemark.schemas.log.LogRow.Definitions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the server held beside its keys at one time: the latest definitions of each kind. Every node of a source logs its
 * own, which are the same on all of them, so the latest of any shard is taken. Rows may come in any order.
 */
public final class DefinitionsAt {
    private final long targetMicros;
    private final Map<String, Latest> latest = new TreeMap<>();

    private record Latest(long offset, Definitions definitions) {
        boolean isBefore(Latest other) {
            long mine = definitions.timeMicros();
            long its = other.definitions.timeMicros();
            return mine != its ? mine < its : offset < other.offset;
        }

        boolean isIndex() {
            return definitions.kind().startsWith(Definitions.INDEX);
        }
    }

    public DefinitionsAt(long targetMicros) {
        this.targetMicros = targetMicros;
    }

    /** Takes a row that the plan reads. */
    public void add(long offset, Definitions definitions) {
        if (definitions.timeMicros() <= targetMicros) {
            latest.merge(
                    definitions.kind(),
                    new Latest(offset, definitions),
                    (one, other) -> one.isBefore(other) ? other : one);
        }
    }

    /**
     * Those in force, by kind; none of a kind that had been removed, and no index of an earlier epoch than one that has named
     * all that there were.
     */
    public List<Definitions> inForce() {
        Optional<Latest> named = Optional.ofNullable(latest.get(Definitions.INDEX));
        return latest.values().stream()
                .filter(each -> named.map(row -> !(each.isIndex()
                                && each.isBefore(row)
                                && each.definitions.epoch() < row.definitions.epoch()))
                        .orElse(true))
                .map(Latest::definitions)
                .filter(each -> each.payload().length() > 0)
                .toList();
    }
}
