/**
 * What a comparison of a live Redis with the archive found: data in, data out, no clock, no I/O.
 *
 * <p>The shell ({@code Verification}) reads each key's state at a time from the archive and asks the live Redis for that
 * key at once, so that no value is kept; the outcome of each key goes into {@link
 * dev.tidemark.restorer.verify.Differences}. What only the live Redis has is found by a scan afterwards. Counts are of all keys; names are
 * kept only when asked for, and only so many. Nothing is written to the Redis.
 */
package dev.tidemark.restorer.verify;
