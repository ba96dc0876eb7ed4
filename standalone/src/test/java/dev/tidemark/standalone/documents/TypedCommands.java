package dev.tidemark.standalone.documents;

import dev.tidemark.standalone.command.Invocation;
import dev.tidemark.standalone.command.TidemarkCommand;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A {@code tidemark} for shells, whose commands run in this process. */
final class TypedCommands implements AutoCloseable {
    private static final Duration END_WITHIN = Duration.ofSeconds(90);
    /** They run until they are stopped, in a terminal of their own; here until the test is over. */
    private static final List<String> SERVICES = List.of("up", "capture", "compact");

    private final ServerSocket door;
    private final List<Service> services = new CopyOnWriteArrayList<>();

    private record Service(List<String> line, Thread thread) {}

    private TypedCommands(ServerSocket door) {
        this.door = door;
    }

    /** Puts the command into a directory that is on the shell's path. */
    static TypedCommands open(Path bin) {
        try {
            ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            TypedCommands commands = new TypedCommands(door);
            Path command = bin.resolve("tidemark");
            Files.writeString(command, """
                #!/usr/bin/env bash
                said=$(mktemp -d)
                exec 3<>/dev/tcp/127.0.0.1/%d
                printf '%%s\\0' "$said" "$PWD" "${TIDEMARK_CONFIG-}" "$#" "$@" >&3
                read -r code <&3
                cat "$said/out"
                cat "$said/err" >&2
                exit "$code"
                """.formatted(door.getLocalPort()));
            Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwx------"));
            Thread answering = new Thread(commands::answer, "typed-commands");
            answering.setDaemon(true);
            answering.start();
            return commands;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void answer() {
        while (!door.isClosed()) {
            try {
                Socket caller = door.accept();
                Thread one = new Thread(() -> answer(caller), "typed-command");
                one.setDaemon(true);
                one.start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void answer(Socket caller) {
        try (caller;
                InputStream in = new BufferedInputStream(caller.getInputStream())) {
            Path said = Path.of(word(in));
            Path here = Path.of(word(in));
            String config = word(in);
            int words = Integer.parseInt(word(in));
            List<String> line = new ArrayList<>();
            for (int i = 0; i < words; i++) {
                line.add(word(in));
            }
            Map<String, String> environment = config.isEmpty() ? Map.of() : Map.of("TIDEMARK_CONFIG", config);
            int code = runsOn(line) ? begin(said, here, environment, line) : run(said, here, environment, line);
            caller.getOutputStream().write((code + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String word(InputStream in) throws IOException {
        ByteArrayOutputStream word = new ByteArrayOutputStream();
        for (int next = in.read(); next > 0; next = in.read()) {
            word.write(next);
        }
        return word.toString(StandardCharsets.UTF_8);
    }

    private static boolean runsOn(List<String> line) {
        return !line.contains("--help")
                && (SERVICES.contains(line.get(0)) || (line.get(0).equals("drill") && line.contains("--every")));
    }

    private int begin(Path said, Path here, Map<String, String> environment, List<String> line) throws IOException {
        Files.createFile(said.resolve("out"));
        Files.createFile(said.resolve("err"));
        Thread thread = new Thread(
                () -> {
                    try {
                        Path apart = Files.createTempDirectory(said, "service");
                        int code = run(apart, here, environment, line);
                        if (code != 0) {
                            System.err.println(line + " said: " + Files.readString(apart.resolve("err")));
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                "typed-" + line.get(0));
        thread.setDaemon(true);
        thread.start();
        services.add(new Service(line, thread));
        return 0;
    }

    private static int run(Path said, Path here, Map<String, String> environment, List<String> line)
            throws IOException {
        try (PrintStream out = new PrintStream(said.resolve("out").toFile(), StandardCharsets.UTF_8);
                PrintStream err = new PrintStream(said.resolve("err").toFile(), StandardCharsets.UTF_8)) {
            return TidemarkCommand.run(
                    new Invocation(out, err, Optional.empty(), environment, here, Clock.system(ZoneId.systemDefault())),
                    line.toArray(String[]::new));
        }
    }

    /** Services that were begun and are not running any more. */
    List<List<String>> ended() {
        return services.stream()
                .filter(service -> !service.thread().isAlive())
                .map(Service::line)
                .toList();
    }

    @Override
    public void close() throws IOException {
        door.close();
        for (int i = services.size() - 1; i >= 0; i--) {
            services.get(i).thread().interrupt();
            try {
                services.get(i).thread().join(END_WITHIN.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
