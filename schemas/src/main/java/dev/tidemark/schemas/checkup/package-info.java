/**
 * What a checkup found: the common language of the checks of Redis, Kafka and S3.
 *
 * <p>A check adds one {@link dev.tidemark.schemas.checkup.Finding} to {@link dev.tidemark.schemas.checkup.Findings} as soon as
 * it knows, so that what was found before something hung is not lost. Nothing is thrown: what is away is a finding too.
 */
package dev.tidemark.schemas.checkup;
