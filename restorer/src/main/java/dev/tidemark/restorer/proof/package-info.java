/**
 * The proof at the end of a restore: two accounts of the same keys, one made of what the archive gave, one of what the
 * target gives back. Pure: keys in, sums out.
 *
 * <p>A {@link dev.tidemark.restorer.proof.ContentAccount} keeps for each shard a count and a sum of digests that does not
 * depend on order, apart for each span of expiry times, so that keys that expire while the target is read back can be
 * left out of both sides afterwards, when it is known which.
 */
package dev.tidemark.restorer.proof;
