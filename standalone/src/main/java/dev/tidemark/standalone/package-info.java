/**
 * The {@code tidemark} command. {@link dev.tidemark.standalone.Main} hands the arguments and what surrounds them to
 * {@code command}, which reads the settings ({@code configuration}), starts a service or asks one, and turns the
 * outcome into an exit code. What a service is and does stands in its own module; nothing is decided here.
 */
package dev.tidemark.standalone;
