/**
 * What a user may set, as plain records: one for each section of {@code tidemark.yml}, its defaults in its
 * {@code defaults()} and nowhere else, its rules beside them.
 *
 * <p>A file is bound to {@link dev.tidemark.schemas.settings.Settings} by the command; a test builds one by hand. A
 * record takes any value that has the right type, because a user wants to hear of every problem at once: {@link
 * dev.tidemark.schemas.settings.Settings#problems} names them all, each with its key's full name. It is asked once, at
 * the start; whoever is handed settings may rely on it.
 *
 * <p>A password or secret key is a {@link dev.tidemark.schemas.settings.Secret}, or stands in {@link
 * dev.tidemark.schemas.settings.ClientProperties}: neither prints what it holds.
 */
package dev.tidemark.schemas.settings;
