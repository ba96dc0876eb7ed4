/**
 * Decides what of an archive may be given up: data in, data out, no clock, no I/O.
 *
 * <p>In comes what a restore would be planned from, and the settings. {@link dev.tidemark.restorer.retain.KeptWindow} says
 * which times stay restorable; {@link dev.tidemark.restorer.retain.Retention} gives up as many hours and baselines as it can
 * without any of those times being planned otherwise: the planner itself is asked, before and after.
 */
package dev.tidemark.restorer.retain;
