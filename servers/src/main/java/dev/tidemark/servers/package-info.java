/**
 * Real servers on loopback, one line each: for the pipeline in one process and for every test.
 *
 * <p>What is here: {@link dev.tidemark.servers.RedisServer} and {@link dev.tidemark.servers.KafkaBroker} are child
 * processes, {@link dev.tidemark.servers.S3Endpoint} lives in this JVM, {@link dev.tidemark.servers.FaultProxy} stands
 * before any of them, {@link dev.tidemark.servers.AnsweringProxy} before a Redis that lacks a module. {@link dev.tidemark.servers.RedisCluster} and {@link dev.tidemark.servers.RedisSentinels} are made
 * of the first; {@link dev.tidemark.servers.RedisServers} says which versions a test runs on. All take free ports, bind
 * to 127.0.0.1 only, and are {@link java.lang.AutoCloseable}.
 *
 * <p>A start goes: a directory, the files in it, the process with its output in a log there, then a wait until the
 * server answers <em>and proves that it is the one just started</em> (process id, cluster id); a stranger on the port
 * is an error that names it. Everything after that is real: {@code kill} is SIGKILL, {@code pause} is SIGSTOP and
 * returns when the process stands still, {@code restart} uses the same port and directory.
 *
 * <p>An end is certain. {@code close} kills; and if this JVM dies without closing, by whatever signal, the reaper (a
 * shell at the other end of a pipe from us) kills what is left. What remains: a kill -9 of that shell together with us.
 *
 * <p>Directories made here go when the server is closed and stay when the JVM dies before. Under Maven they are {@code
 * target/servers/<name>-<n>}, and the logs in them stay always, so that those of a failed test are there. The system
 * property {@code tidemark.servers.dir} or the variable {@code TIDEMARK_SERVERS_DIR} put them elsewhere; {@code
 * keepFiles()} keeps one with all that is in it; a directory given by the caller is never deleted.
 */
package dev.tidemark.servers;
