/**
 * From {@code tidemark.yml} and the environment to {@link dev.tidemark.schemas.settings.Settings}.
 *
 * <p>The file is read into a tree, {@code TIDEMARK_...} variables are laid over it, secrets named by a file are read,
 * and the tree is bound to the records by their components: {@code bytesInFlightMax} of {@code CaptureSettings} is
 * {@code capture.bytes-in-flight-max}. What is not written keeps the record's default. Then the records' own rules are
 * asked.
 *
 * <p>Nothing stops at the first problem: all of them, of every step, leave together as one error. No message shows a
 * value that is, or might hold, a secret; a file that is no YAML is quoted by line and column alone.
 */
package dev.tidemark.standalone.configuration;
