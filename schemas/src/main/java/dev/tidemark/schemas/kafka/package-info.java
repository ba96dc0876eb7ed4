/**
 * The log in Kafka: the two topics of a generation, their settings, and exact reading of an offset range.
 *
 * <p>Reading is exact or it fails: a range that Kafka no longer holds, or a record that does not decode, is an error and
 * never a shorter answer.
 */
package dev.tidemark.schemas.kafka;
