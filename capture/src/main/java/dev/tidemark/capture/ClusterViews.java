package dev.tidemark.capture;

import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What several nodes of a Cluster say of it, asked at about one time. */
final class ClusterViews {
    private final Collection<ClusterNodes> views;
    /** Who has slots, after all that was said. */
    private final Map<String, Primary> owners;

    /** @param answers of nodes that see most of the others; one that has two addresses may have been asked twice */
    ClusterViews(List<ClusterNodes> answers) {
        Map<String, ClusterNodes> byNode = new LinkedHashMap<>();
        answers.forEach(view -> view.self().ifPresent(self -> byNode.put(self.id(), view)));
        this.views = byNode.values();
        this.owners = owners(views);
    }

    /**
     * Believes for each slot the claim with the highest configuration epoch: a primary that was cut off and replaced goes on
     * claiming its slots, under an epoch that the others have outgrown.
     */
    private static Map<String, Primary> owners(Collection<ClusterNodes> views) {
        Comparator<ClusterNodes.Line> newest =
                Comparator.comparingLong(ClusterNodes.Line::epoch).thenComparing(ClusterNodes.Line::myself);
        Map<String, ClusterNodes.Line> newestByNode = new LinkedHashMap<>();
        views.stream()
                .flatMap(view -> view.lines().stream())
                .filter(line -> line.primary() && !line.failed())
                .forEach(line -> newestByNode.merge(line.id(), line, (a, b) -> newest.compare(a, b) >= 0 ? a : b));
        Map<ClusterNodes.Line, BitSet> slots = new LinkedHashMap<>();
        // The last one wins.
        newestByNode.values().stream().sorted(newest).forEach(line -> {
            BitSet claimed = line.slotSet();
            slots.values().forEach(others -> others.andNot(claimed));
            slots.put(line, claimed);
        });
        Map<String, Primary> owners = new LinkedHashMap<>();
        slots.forEach((line, owned) -> {
            if (!owned.isEmpty()) {
                owners.put(line.id(), new Primary(line.address(), owned));
            }
        });
        return owners;
    }

    List<Primary> primaries() {
        return List.copyOf(owners.values());
    }

    /**
     * The primaries that no replica can have been elected in place of before the nodes were asked. For an election most
     * primaries vote, and each of them has called the old one failed before. So while most of them say that it is up and has
     * its slots, at least one of any majority that could have voted has not. (Who was elected by order, without a failure,
     * or took over without an election, tells so itself, under a higher epoch: replicas are asked too.)
     */
    Set<NodeAddress> inForce() {
        Map<String, Integer> votes = new HashMap<>();
        for (ClusterNodes view : views) {
            // One that was replaced has no vote any more, and does not know it.
            if (owners.containsKey(view.self().orElseThrow().id())) {
                view.lines().stream()
                        .filter(this::isConfirmed)
                        .forEach(line -> votes.merge(line.id(), 1, Integer::sum));
            }
        }
        long all = views.stream().mapToLong(ClusterNodes::voters).max().orElse(0);
        return owners.entrySet().stream()
                .filter(owner -> 2L * votes.getOrDefault(owner.getKey(), 0) > all)
                .map(owner -> owner.getValue().address())
                .collect(Collectors.toSet());
    }

    /** Whether it tells of a primary that is up and has its slots, no more and no less. */
    private boolean isConfirmed(ClusterNodes.Line line) {
        Primary owner = owners.get(line.id());
        return owner != null && line.primary() && line.up() && line.slotSet().equals(owner.slots());
    }
}
