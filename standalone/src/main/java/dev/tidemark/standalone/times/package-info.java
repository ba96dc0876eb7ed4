/**
 * What a user means by a time. Pure: the present and the zone are handed in.
 *
 * <p>A restore to the wrong time is worse than none. A time that can be read in two ways is refused with both; one
 * that leaves something out is said back in full.
 */
package dev.tidemark.standalone.times;
