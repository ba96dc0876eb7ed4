package dev.tidemark.standalone.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Classes of the tests that break the rules; a gate that does not see them would let a real one through. */
class ArchitectureCounterTest {
    private static final JavaClasses FIXTURES = new ClassFileImporter()
            .withImportOption(new ImportOption.OnlyIncludeTests())
            .importPackages("dev.tidemark");

    @Test
    void aServiceThatUsesAnotherIsFound() {
        assertThat(violations(ArchitectureRules.servicesKnowOnlySchemasAndArchive()))
                .anyMatch(each -> each.contains("LeansOnTheCompactor"))
                .anyMatch(each -> each.contains("CarriesTheCommand"));
    }

    @Test
    void aPurePackageThatReadsAFileIsFound() {
        assertThat(violations(ArchitectureRules.purePackagesDoNoInputOrOutput()))
                .anyMatch(each -> each.contains("ReadsAFile"));
    }

    @Test
    void aPurePackageThatUsesAStreamIsFoundUnlessItIsAvros() {
        assertThat(violations(ArchitectureRules.purePackagesDoNoInputOrOutput()))
                .anyMatch(each -> each.contains("UsesAStreamWithoutNeed"))
                .noneMatch(each -> each.contains("UsesAStreamForAvro"));
    }

    @Test
    void aPurePackageThatAsksForTheTimeIsFound() {
        assertThat(violations(ArchitectureRules.purePackagesAskNoClock()))
                .anyMatch(each -> each.contains("AsksForTheTime.byInstant"))
                .anyMatch(each -> each.contains("AsksForTheTime.bySystem"))
                .anyMatch(each -> each.contains("AsksForTheTime.byClock"))
                .anyMatch(each -> each.contains("AsksForTheTime.byWaiting"));
    }

    @Test
    void aClassMadePublicByAccidentIsFound() {
        assertThat(violations(ArchitectureRules.servicesShowOnlyTheirEntry()))
                .anyMatch(each -> each.contains("PublicByAccident"));
    }

    @Test
    void aPackageWithoutItsFlowIsFound(@TempDir Path sources) throws IOException {
        Path explained = Files.createDirectories(sources.resolve("explained"));
        Files.createFile(explained.resolve("Noun.java"));
        Files.createFile(explained.resolve("package-info.java"));
        Path bare = Files.createDirectories(sources.resolve("explained/bare"));
        Files.createFile(bare.resolve("Noun.java"));

        assertThat(ArchitectureRules.packagesWithoutFlow(sources)).containsExactly(bare);
    }

    private static List<String> violations(ArchRule rule) {
        return rule.evaluate(FIXTURES).getFailureReport().getDetails();
    }
}
