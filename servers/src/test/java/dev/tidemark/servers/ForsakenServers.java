package dev.tidemark.servers;

import java.util.concurrent.CountDownLatch;

/** A process that starts servers and never closes them: what {@link ReaperTest} kills, or lets run out. */
final class ForsakenServers {
    private ForsakenServers() {}

    public static void main(String[] args) throws InterruptedException {
        RedisServer running = RedisServer.start();
        RedisServer paused = RedisServer.start();
        RedisServer closed = RedisServer.start();
        closed.close();
        paused.pause();
        System.out.println(running.pid() + " " + paused.pid());
        if (args[0].equals("stay")) {
            new CountDownLatch(1).await();
        }
    }
}
