/**
 * The pipeline in one process, for one Redis and no Kafka: {@code tidemark up}.
 *
 * <p>A {@link dev.tidemark.standalone.up.DataDirectory} holds everything: {@code tidemark.yml}, which every other command reads
 * too, the broker's data and the bucket. {@link dev.tidemark.standalone.up.EmbeddedServers} runs a server exactly where the
 * settings name the address that was set aside for it; any other address is somebody else's server, and is used as it is. So
 * one key moves the pipeline to a real Kafka.
 *
 * <p>A kill -9 at any moment leaves what a kill of each part leaves, and that is safe: the broker is a child that dies with this
 * process, its data and the bucket are files. The next start finds the same ports and goes on.
 */
package dev.tidemark.standalone.up;
