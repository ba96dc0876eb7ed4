package dev.tidemark.capture;

import dev.tidemark.servers.KafkaBroker;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** The one Kafka of all tests that leave it whole, and a fixture for each test, of that and a Redis of its own. */
final class SharedKafka implements ParameterResolver {
    private static final Namespace OURS = Namespace.create(SharedKafka.class);

    /** Stopped when the last test is over. */
    private record Shared(KafkaBroker kafka) implements AutoCloseable {
        @Override
        public void close() {
            kafka.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type.equals(CaptureFixture.class) || type.equals(KafkaBroker.class);
    }

    /** A fixture is closed when its test is over. */
    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        KafkaBroker kafka = context.getRoot()
                .getStore(OURS)
                .getOrComputeIfAbsent(Shared.class, absent -> new Shared(KafkaBroker.start()), Shared.class)
                .kafka();
        if (parameter.getParameter().getType().equals(KafkaBroker.class)) {
            return kafka;
        }
        return context.getStore(OURS)
                .getOrComputeIfAbsent(CaptureFixture.class, absent -> new CaptureFixture(kafka), CaptureFixture.class);
    }
}
