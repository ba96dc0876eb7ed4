/**
 * When an hour is over for all shards, and which segments it consists of. Pure: what S3 says goes in, a decision comes
 * out; no clock and no I/O.
 *
 * <p>An hour is over for a shard when its chain of segments goes on in a later hour, or when its claims have passed the
 * hour and the chain reaches their offset: no later row may be dated before a claim. It is rolled up when it is over for
 * all of them, in the order of hours, so that the parts of consecutive hours join without hole. Whoever decides later, or
 * twice, comes to the same offsets.
 */
package dev.tidemark.compactor.roll;
