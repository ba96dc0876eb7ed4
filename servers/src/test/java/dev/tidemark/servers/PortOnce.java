package dev.tidemark.servers;

/** A process that was given a port, and does nothing with it until its input ends. */
final class PortOnce {
    private PortOnce() {}

    public static void main(String[] args) throws Exception {
        System.out.println(FreePort.next());
        System.in.read();
    }
}
