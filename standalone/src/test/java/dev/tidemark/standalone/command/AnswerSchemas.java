package dev.tidemark.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The published schemas of answers, as scripts rely on them. */
final class AnswerSchemas {
    private static final Path DIRECTORY = Path.of("..", "docs", "json");

    private AnswerSchemas() {}

    /** What does not fit; nothing when all does. */
    static List<String> problems(String command, String answer) throws IOException {
        JsonSchema schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(Files.readString(DIRECTORY.resolve(command + ".schema.json")));
        return schema
                .validate(answer, InputFormat.JSON, context -> context.getExecutionConfig()
                        .setFormatAssertionsEnabled(true))
                .stream()
                .map(Object::toString)
                .toList();
    }

    static JsonNode parse(String answer) throws IOException {
        return new ObjectMapper().readTree(answer);
    }
}
