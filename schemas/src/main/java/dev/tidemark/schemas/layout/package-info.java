/**
 * The archive's layout, version 1: which objects lie where under {@code <root>/<source>/}, and what a segment says of
 * itself in its metadata. Everything a restore needs is found by LIST and HEAD.
 *
 * <p>Pure, and the only place that knows how a key is spelt.
 */
package dev.tidemark.schemas.layout;
