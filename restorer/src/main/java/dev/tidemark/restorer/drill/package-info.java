/**
 * What a restore for practice found: data in, data out, no clock, no I/O.
 *
 * <p>A drill restores a time into a server of its own, compares it with the archive key by key, and runs vector searches there
 * and, where the source can be reached, on the source. {@link dev.tidemark.restorer.drill.Comparison} says whether the two answers to a search agree, given
 * that the source has lived on since.
 */
package dev.tidemark.restorer.drill;
