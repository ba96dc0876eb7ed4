/**
 * A Redis connection for values that do not fit in memory: {@link dev.tidemark.schemas.redis.RedisSocket} streams them in
 * and out, where a client library holds a value whole and several times over. Everything else goes through Lettuce.
 */
package dev.tidemark.schemas.redis;
