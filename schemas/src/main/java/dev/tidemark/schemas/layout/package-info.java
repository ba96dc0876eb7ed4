/**
 * The archive's layout: which objects lie where under {@code <root>/<source>/}, and what a segment says of itself in its
 * metadata. Version 2 adds large values as blobs and definitions, version 3 the fields of chunks as columns; earlier ones stay
 * readable. Everything a restore needs is found by LIST and HEAD.
 *
 * <p>Pure, and the only place that knows how a key is spelt.
 */
package dev.tidemark.schemas.layout;
