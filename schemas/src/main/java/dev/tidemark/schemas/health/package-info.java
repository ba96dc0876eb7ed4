/**
 * How a service says that it is well. Each service makes a {@link dev.tidemark.schemas.health.Health} of its own state
 * when it is asked, without waiting for anyone; the process that runs it shows it to whoever supervises. What does not answer
 * and is asked again is an {@link dev.tidemark.schemas.health.Outage}: said when it begins, now and then, and when it is over.
 */
package dev.tidemark.schemas.health;
