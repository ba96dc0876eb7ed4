package dev.tidemark.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Objects;

/**
 * Where it ran.
 *
 * @param heapBytes the most that this JVM's heap may take
 * @param loadAtStart processes that wanted a core in the minute before; above the number of cores, others were at work
 *     and the figures are no good. Negative where the system does not tell
 */
public record Machine(int cores, long memoryBytes, long heapBytes, String os, double loadAtStart) {
    public Machine {
        Objects.requireNonNull(os, "os");
    }

    static Machine here() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new Machine(
                Runtime.getRuntime().availableProcessors(),
                system.getTotalMemorySize(),
                Runtime.getRuntime().maxMemory(),
                "%s %s %s".formatted(system.getName(), system.getVersion(), system.getArch()),
                system.getSystemLoadAverage());
    }
}
