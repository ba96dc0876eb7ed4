package dev.tidemark.standalone.endtoend;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One ground for all tests that leave it whole: a broker takes longer to start than some of them to run. */
final class SharedGround implements ParameterResolver {
    private static final Namespace OURS = Namespace.create(SharedGround.class);

    /** Stopped when the last test is over. */
    private record Shared(Ground ground) implements AutoCloseable {
        @Override
        public void close() {
            ground.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType().equals(Ground.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(OURS)
                .getOrComputeIfAbsent(Shared.class, absent -> new Shared(Ground.start()), Shared.class)
                .ground();
    }
}
