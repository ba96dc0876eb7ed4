package dev.tidemark.servers;

/** An application that is started from a jar and wants a broker. */
final class BrokerOnce {
    private BrokerOnce() {}

    public static void main(String[] args) {
        try (KafkaBroker kafka = KafkaBroker.start()) {
            System.out.println((kafka.isAlive() ? "started" : "not started") + " with the class path "
                    + System.getProperty("java.class.path"));
        }
    }
}
