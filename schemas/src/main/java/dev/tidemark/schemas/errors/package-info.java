/**
 * How a failure leaves Tidemark: an error says what happened, where, what is safe and what to do next, and carries the
 * exit code of the command. Services throw it; the command prints its message alone and ends with its code.
 */
package dev.tidemark.schemas.errors;
