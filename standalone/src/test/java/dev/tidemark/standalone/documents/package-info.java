/**
 * What the documents tell to type is typed. {@link dev.tidemark.standalone.documents.Documents} finds the shell blocks of README.md and
 * docs; {@code TypedLine} puts the addresses of the test's servers in place of theirs, and bash runs them
 * with a {@code tidemark} on its path that hands each command to this process, since a JVM for each would take minutes.
 */
package dev.tidemark.standalone.documents;
