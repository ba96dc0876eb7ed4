package dev.tidemark.standalone.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** No shell block of README.md and docs is left out in silence. */
class DocumentsTest {
    private static final Pattern NEVER_LEFT_OUT = Pattern.compile("tidemark (demo|up|restore|drill)\\b");

    @Test
    void everyFenceSaysWhatIsInIt() {
        assertThat(Documents.fenced()).allSatisfy(block -> assertThat(block.info())
                .as(block.document() + ":" + block.line())
                .isNotEmpty());
    }

    @Test
    void whatIsLeftOutSaysWhyAndIsNothingThatARestoreNeeds() {
        List<ShellBlock> leftOut = Documents.shellBlocks().stream()
                .filter(block -> block.notRun().isPresent())
                .toList();

        assertThat(leftOut).isNotEmpty().allSatisfy(block -> {
            assertThat(block.notRun().orElseThrow()).as(block.place()).hasSizeGreaterThan(10);
            assertThat(block.text()).as(block.place()).doesNotContainPattern(NEVER_LEFT_OUT);
        });
    }
}
