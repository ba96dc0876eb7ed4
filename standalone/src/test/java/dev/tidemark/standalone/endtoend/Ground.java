package dev.tidemark.standalone.endtoend;

import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.S3Endpoint;

/** What deployments stand on: a broker and a bucket. Several of them share one, each under a source name of its own. */
record Ground(KafkaBroker kafka, S3Endpoint s3) implements AutoCloseable {
    static Ground start() {
        return new Ground(KafkaBroker.start(), S3Endpoint.start());
    }

    @Override
    public void close() {
        kafka.close();
        s3.close();
    }
}
