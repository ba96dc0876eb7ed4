package dev.tidemark.schemas.settings;

/** When the S3 client sends a checksum of its own; several S3-compatible stores know only the second. */
public enum Checksums {
    WHEN_SUPPORTED,
    WHEN_REQUIRED
}
