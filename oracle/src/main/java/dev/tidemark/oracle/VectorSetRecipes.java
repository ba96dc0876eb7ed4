package dev.tidemark.oracle;

import static dev.tidemark.oracle.judge.ValueType.VECTOR_SET;

import dev.tidemark.oracle.judge.Key;
import dev.tidemark.oracle.judge.Operation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Vector sets, since Redis 8.0. Their elements are known, for a MULTI cannot ask for them first. */
final class VectorSetRecipes {
    static final List<String> ELEMENTS = List.of("a", "b\n", "", "chunk:4");
    private static final int DIMENSIONS = 3;
    private static final byte[] NOTHING = "nothing".getBytes(StandardCharsets.US_ASCII);

    private VectorSetRecipes() {}

    static List<Recipe> all() {
        return List.of(
                new Recipe(Operation.VADD, 20, VectorSetRecipes::add),
                new Recipe(Operation.VREM, 8, draft -> draft.run("VREM", draft.existing(VECTOR_SET), element(draft))),
                new Recipe(
                        Operation.VSETATTR,
                        8,
                        draft -> draft.run(
                                "VSETATTR",
                                draft.existing(VECTOR_SET),
                                element(draft),
                                draft.values().metadata())));
    }

    private static void add(Draft draft) throws Draft.NoKeyFree {
        List<Object> words = new ArrayList<>(List.of("VADD", draft.pick(VECTOR_SET), "VALUES", DIMENSIONS));
        for (int i = 0; i < DIMENSIONS; i++) {
            words.add(draft.below(2_000) - 1_000);
        }
        words.add(element(draft));
        draft.run(words.toArray());
    }

    private static String element(Draft draft) {
        return ELEMENTS.get(draft.below(ELEMENTS.size()));
    }

    static List<Command> reading(Key key) {
        List<Command> commands = new ArrayList<>(List.of(Command.of("VCARD", key)));
        for (String element : ELEMENTS) {
            commands.add(Command.of("VEMB", key, element));
            commands.add(Command.of("VGETATTR", key, element));
        }
        return commands;
    }

    /** The number of elements, and of each its vector and what is said of it. */
    static List<byte[]> told(List<Reply> replies) {
        List<byte[]> told = new ArrayList<>();
        told.add(Long.toString(replies.get(0).number()).getBytes(StandardCharsets.US_ASCII));
        for (Reply reply : replies.subList(1, replies.size())) {
            if (reply instanceof Reply.Items vector) {
                told.addAll(vector.listOfBytes());
            } else {
                told.add(reply instanceof Reply.Nil ? NOTHING : reply.bytes());
            }
        }
        return told;
    }
}
