/**
 * The pages of docs/runbooks, which the build puts beside these classes, and their blanks filled in from the settings.
 *
 * <p>A blank is a word in angle brackets of a fixed vocabulary; a test fails for a page that has another, and for a command in a
 * page that this build does not understand.
 */
package dev.tidemark.standalone.runbook;
