/**
 * What is seen without restoring: data in, data out, no clock, no I/O.
 *
 * <p>{@link dev.tidemark.restorer.look.Protection} says from what is known of the archive, the log and the last drill whether the source is
 * protected, and what is wrong if it is not.
 */
package dev.tidemark.restorer.look;
