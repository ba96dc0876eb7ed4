/**
 * What crosses Kafka, and which of it counts.
 *
 * <p>Two topics with one partition a shard: {@code changes} carries {@link dev.tidemark.schemas.log.LogRow}s, the states
 * of keys; {@code tidemarks} carries {@link dev.tidemark.schemas.log.ControlRecord}s, the claims about them. Every writer
 * of a shard first claims an epoch, and a reader passes each topic through {@link dev.tidemark.schemas.log.RowsInForce} or
 * {@link dev.tidemark.schemas.log.ClaimsInForce}: what a fenced writer wrote is dropped there, by everyone alike.
 *
 * <p>Pure: bytes in, records out. The wire form is Avro's single-object encoding, so each record names its schema by
 * fingerprint and old ones stay readable without a registry server.
 */
package dev.tidemark.schemas.log;
