/**
 * Rolls a source's log into segments on S3, exactly once.
 *
 * <p>In: the two Kafka topics of the log. Out: segments and progress objects in the {@link
 * dev.tidemark.archive.Archive}. {@link dev.tidemark.compactor.Compactor} is the only door.
 *
 * <p>A Kafka Streams topology consumes {@code tidemarks}, and only to be told which shard has news: Streams spreads the
 * shards over the running compactors, and what it commits, whenever, decides nothing. Each shard's {@code ShardCompactor}
 * reads for itself, from positions that come from S3 alone. It finds the end of the chain of segments by LIST and HEAD,
 * reads {@code tidemarks} from the epoch in force there, and when a cut is due reads exactly [end, claimed offset) of
 * {@code changes}, streams the rows that count into a file and sends it create-only. The decisions are made in {@link
 * dev.tidemark.compactor.cut}.
 *
 * <p>A crash before the write leaves nothing, one after it leaves a segment that the next owner of the shard finds. A
 * compactor that was thought dead and is not loses the race for the slot and goes on from the winner's end. While S3 or
 * Kafka cannot be reached a shard tries again with growing pauses, without end; where the log cannot be read the shard
 * stops, loudly, and is never skipped over; other shards go on. A stopped shard is looked at anew now and then, from S3
 * as after a restart, since some damage passes.
 *
 * <p>When an hour is over for all shards, {@code HourRoller} lays its segments together, sorted by key, for whoever queries
 * the archive; {@link dev.tidemark.compactor.roll} decides when. It reads and writes S3 alone, and queries see an hour's
 * segments until its marker says that they need not.
 *
 * <p>Doubts that the control log speaks of are explained by objects of their own, after the rows and claims: nothing
 * hangs on them. {@link dev.tidemark.compactor.Compactor#health} and the meters say how the shards are doing.
 */
package dev.tidemark.compactor;
