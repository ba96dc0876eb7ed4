/**
 * Where a shard's log is cut into segments. Pure: positions, rows and claims in, cuts out; no clock and no I/O.
 *
 * <p>A {@link dev.tidemark.compactor.cut.ChainWriter} is one writer's view of a shard's chain of segments. Tidemarks go
 * in; they name the range to be read, [end of the chain, a claimed offset). The records of that range go in, in order;
 * out come the rows that count and, between them, the {@link dev.tidemark.compactor.cut.Cut}s that make segments. Each
 * cut is then either won, and the chain goes on from its end, or lost to another writer, and the chain goes on from the
 * <em>winner's</em> end, which may lie anywhere.
 *
 * <p>Why that is exactly once, whoever else is writing and however old this view is: the key of a slot follows from the
 * chain before it and from the one record that stands first in it, never from where a writer decides to stop; so two
 * writers with the same view always compete for the same key, and a key is won once.
 */
package dev.tidemark.compactor.cut;
