/**
 * A Redis connection for values that do not fit in memory: {@link dev.tidemark.schemas.redis.RedisSocket} streams them in
 * and out, where a client library holds a value whole and several times over. Everything else goes through Lettuce.
 * {@link dev.tidemark.schemas.redis.SearchIndex} is how capture and the restorer say the same of a search index, and
 * {@link dev.tidemark.schemas.redis.SourceDoor} how baselines and the restorer find the primaries of a source.
 */
package dev.tidemark.schemas.redis;
