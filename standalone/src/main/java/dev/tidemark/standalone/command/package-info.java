/**
 * One file for each subcommand, and one line for it in {@code Subcommands}.
 *
 * <p>{@link dev.tidemark.standalone.command.TidemarkCommand#run} builds the command line, gives every subcommand the
 * shared options and the footer of exit codes, and runs it. A subcommand asks its parent for settings and prints its
 * answer through it, as text or as JSON. It returns an exit code or throws; {@code FailureReport} prints a foreseen
 * error's message alone, and of an unforeseen one a line that tells where the rest is.
 *
 * <p>Answers go to standard output, all else to standard error, so that {@code -o json} can be piped.
 */
package dev.tidemark.standalone.command;
