/**
 * The contract between the services, which never call each other: what crosses Kafka ({@code log}), what lies on S3
 * ({@code layout}), which shard a key belongs to (here), the topics ({@code kafka}) and the settings.
 *
 * <p>Records written by one build are read by every later one. A change of a schema here is a promise for ever.
 */
package dev.tidemark.schemas;
