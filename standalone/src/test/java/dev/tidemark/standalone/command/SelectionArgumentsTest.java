package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.restorer.plan.Selection;
import dev.tidemark.schemas.Bytes;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class SelectionArgumentsTest {

    /** What diff and verify name can be given to a restore as it stands. */
    @Test
    void aPrefixIsWrittenAsKeysAreTold() {
        Bytes binary = Bytes.wrap(new byte[] {0, (byte) 0xff, 'x'});

        assertThat(selection("--prefix", KeyArgument.shown(binary)).takes(0, binary))
                .isTrue();
        assertThat(selection("--prefix", "base64:AP8=").takes(0, binary)).isTrue();
        assertThat(selection("--prefix", "text:hex:0").takes(0, Bytes.utf8("hex:00")))
                .isTrue();
        assertThat(selection("--prefix", "chunk:").takes(0, Bytes.utf8("chunk:1")))
                .isTrue();
        assertThat(selection("--prefix", "chunk:").takes(0, binary)).isFalse();
    }

    private static Selection selection(String... arguments) {
        SelectionArguments selected = new SelectionArguments();
        new CommandLine(selected).parseArgs(arguments);
        return selected.selection();
    }
}
