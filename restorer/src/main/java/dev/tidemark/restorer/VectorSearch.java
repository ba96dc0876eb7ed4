package dev.tidemark.restorer;

import dev.tidemark.restorer.drill.ChunkName;
import dev.tidemark.restorer.drill.Comparison.Means;
import dev.tidemark.restorer.drill.Embedding;
import dev.tidemark.restorer.drill.Hit;
import dev.tidemark.restorer.drill.Query;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Finds what is like a chunk, on one server and exactly: what is approximate cannot be compared. */
interface VectorSearch {
    /** Of a server that cannot be searched. */
    String UNTOUCHED = "Nothing was written to it by the search";

    Means means();

    /** Some of its chunks, to search for. */
    List<Query> sample(int count, Random random) throws InterruptedException;

    /** What is nearest to each query, the nearest first, each where it is certain before which others it comes. */
    List<List<Hit>> nearest(List<Query> queries, int wanted) throws InterruptedException;

    /** The embedding of one chunk, if it has one now. */
    Optional<Embedding> of(ChunkName name) throws InterruptedException;
}
