package dev.tidemark.standalone;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command in a JVM of its own, as it is on the class path of the tests. */
public final class ChildCommand {
    private ChildCommand() {}

    /** What starts it. */
    public static List<String> line(String... arguments) {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        line.addAll(List.of(arguments));
        return line;
    }

    /**
     * Not started yet, and without what the environment of the tests would set.
     *
     * @param said gets all that it prints
     */
    public static ProcessBuilder process(List<String> line, Path said) {
        ProcessBuilder process =
                new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(said.toFile());
        process.environment().keySet().removeIf(name -> name.startsWith("TIDEMARK_"));
        return process;
    }
}
