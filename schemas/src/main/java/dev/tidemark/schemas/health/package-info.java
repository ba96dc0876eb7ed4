/**
 * How a service says that it is well. Each service makes a {@link dev.tidemark.schemas.health.Health} of its own state
 * when it is asked, without waiting for anyone; the process that runs it shows it to whoever supervises.
 */
package dev.tidemark.schemas.health;
