package dev.tidemark.restorer.drill;

import java.util.List;
import java.util.Set;

/**
 * One search on both servers.
 *
 * @param means how it was searched
 * @param wanted how many hits were asked for
 * @param common chunks that both found
 * @param changedSince chunks that one of them found and whose embedding is not the same on the source any more
 */
public record Comparison(Means means, int wanted, int common, int changedSince, boolean agrees) {
    /** How a search is done. */
    public enum Means {
        /** By us, over the embeddings of all hashes. */
        COSINE,
        /** By the server, in a vector set. */
        VSIM
    }

    /**
     * Compares the answers. Chunks that changed push others in and out, so what must agree are those that did not change: one
     * answer, without the others, goes on where the other ends.
     *
     * @param before on the source, as it is now
     * @param after on what was restored
     * @param changed of the chunks in either, those whose embeddings differ
     */
    public static Comparison of(Means means, int wanted, List<Hit> before, List<Hit> after, Set<ChunkName> changed) {
        List<Hit> one = without(before, changed);
        List<Hit> other = without(after, changed);
        int length = Math.min(one.size(), other.size());
        int common = (int) before.stream().filter(hit -> after.contains(hit)).count();
        return new Comparison(
                means, wanted, common, changed.size(), one.subList(0, length).equals(other.subList(0, length)));
    }

    private static List<Hit> without(List<Hit> hits, Set<ChunkName> changed) {
        return hits.stream().filter(hit -> !changed.contains(hit.name())).toList();
    }
}
