package dev.tidemark.standalone.configuration;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where settings come from: a file, the environment over it, defaults under it. */
public final class Configuration {
    private static final String FILE_NAME = "tidemark.yml";
    private static final long FILE_BYTES_MAX = 1 << 20;
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Path workingDirectory;
    private final Map<String, String> environment;

    public Configuration(Path workingDirectory, Map<String, String> environment) {
        this.workingDirectory = workingDirectory;
        this.environment = Map.copyOf(environment);
    }

    /**
     * Reads, lays over, binds and checks.
     *
     * @param named a file that must be there; without one, {@code TIDEMARK_CONFIG}, then {@code tidemark.yml} here,
     *     which may be missing when the environment says everything
     * @throws TidemarkError with every problem
     */
    public Settings load(Optional<Path> named, Role role) {
        Optional<Path> demanded = demanded(named);
        Path file = file(named);
        EnvironmentOverrides overrides = EnvironmentOverrides.in(environment);
        ProblemList problems = new ProblemList(overrides.variables());

        Optional<ObjectNode> written = read(file, demanded.isPresent());
        ObjectNode tree = written.orElseGet(YAML::createObjectNode);
        overrides.layOver(tree, workingDirectory);
        Path directory = Optional.ofNullable(file.getParent()).orElse(workingDirectory);
        Settings settings = new SettingsBinder(directory, problems).bind(SettingKey.ROOT, Settings.defaults(), tree);
        for (String variable : overrides.unknown()) {
            problems.add(variable + " overrides no key; the nearest is " + nearestVariable(variable));
        }
        settings.problems(role).forEach(problems::addRule);

        if (!problems.messages().isEmpty()) {
            throw refusal(
                    written.isPresent() ? file.toString() : "the environment", file, written.isPresent(), problems);
        }
        return settings;
    }

    /** The file that {@link #load} reads, whether it is there or not. */
    public Path file(Optional<Path> named) {
        return workingDirectory
                .resolve(demanded(named).orElse(Path.of(FILE_NAME)))
                .normalize();
    }

    private Optional<Path> demanded(Optional<Path> named) {
        return named.or(() -> Optional.ofNullable(environment.get("TIDEMARK_CONFIG"))
                .filter(each -> !each.isEmpty())
                .map(Path::of));
    }

    private static Optional<ObjectNode> read(Path file, boolean isDemanded) {
        try {
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw unreadable(file, "is larger than " + FILE_BYTES_MAX + " bytes");
            }
            JsonNode root = YAML.readTree(Files.readAllBytes(file));
            if (root.isMissingNode() || root.isNull()) {
                return Optional.of(YAML.createObjectNode());
            }
            if (root instanceof ObjectNode object) {
                return Optional.of(object);
            }
            throw unreadable(file, "does not hold keys and values; for example s3:, and below it bucket: my-backups");
        } catch (NoSuchFileException missing) {
            if (isDemanded) {
                throw unreadable(file, "is not there; copy tidemark.example.yml and adapt it");
            }
            return Optional.empty();
        } catch (JsonProcessingException notYaml) {
            // Not the parser's own message: it quotes the line, and the line may hold a password.
            JsonLocation location = notYaml.getLocation();
            String where =
                    location == null ? "" : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
            throw unreadable(file, "is not valid YAML" + where + " (a key twice, a wrong indent, an open quote?)");
        } catch (IOException failed) {
            throw unreadable(file, "cannot be read (" + failed.getClass().getSimpleName() + ")");
        }
    }

    private static TidemarkError unreadable(Path file, String problem) {
        return new TidemarkError(ExitCode.USAGE, file + " " + problem + "; nothing was started");
    }

    private static TidemarkError refusal(String origin, Path file, boolean isFile, ProblemList problems) {
        List<String> messages = problems.messages();
        StringBuilder text = new StringBuilder();
        text.append(messages.size()).append(messages.size() == 1 ? " problem" : " problems");
        text.append(" in ").append(origin).append("; nothing was started:");
        messages.forEach(message -> text.append("\n  ").append(message));
        if (!isFile) {
            text.append("\nThere is no ").append(file).append("; name another with --config FILE");
        }
        return new TidemarkError(ExitCode.USAGE, text.toString());
    }

    private static String nearestVariable(String unknown) {
        String nearest = "";
        int least = Integer.MAX_VALUE;
        for (SettingKey key : SettingKeys.all()) {
            int distance = EditDistance.between(unknown, key.variable());
            if (distance < least) {
                nearest = key.variable();
                least = distance;
            }
        }
        return nearest;
    }
}
