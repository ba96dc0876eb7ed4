/**
 * Redis's own snapshot format, RDB, as a stream.
 *
 * <p>Reading: {@link dev.tidemark.rdb.RdbScanner} goes through a snapshot once, from front to back, and hands over what it
 * comes by: fields of the header, function libraries, keys. A value is copied to wherever the caller says, as the bytes that
 * stand there or framed as DUMP frames them, or it is passed over; either way it streams through one fixed buffer, so that a
 * value may be larger than memory. Only keys and libraries are ever held whole, up to a bound.
 *
 * <p>What is promised: {@link dev.tidemark.rdb.RdbItem.End} comes only after every byte was understood, the CRC-64 at the
 * end matched, and nothing followed it. Anything else is a {@link dev.tidemark.rdb.RdbDamaged} that says where. There is no
 * shorter answer: a type or a version that this build does not know is refused, for a value that cannot be understood has no
 * end that could be found.
 *
 * <p>{@link dev.tidemark.rdb.BlockIndex} names places at which keys begin, so that several readers can share one snapshot.
 */
package dev.tidemark.rdb;
