/**
 * What a running service shows of itself over HTTP: {@code /metrics} for Prometheus, {@code /healthz} and {@code /readyz}
 * for whoever supervises it.
 *
 * <p>In: the meters that the service registers, and its {@link dev.tidemark.schemas.health.Health}, which it makes of its
 * own state without waiting. Out: text and small JSON; never a Redis key, a value or a secret. A scrape runs on threads of
 * its own, few and with a bounded queue, and a client that is slow is cut off: whatever happens here, the service goes on.
 */
package dev.tidemark.standalone.http;
