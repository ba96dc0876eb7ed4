package dev.tidemark.standalone.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules, over every module. That each can fail is shown by {@code ArchitectureCounterTest}. */
class ArchitectureTest {
    private static final JavaClasses TIDEMARK = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.tidemark");

    @Test
    void servicesKnowOnlySchemasAndArchive() {
        ArchitectureRules.servicesKnowOnlySchemasAndArchive().check(TIDEMARK);
    }

    @Test
    void purePackagesDoNoInputOrOutput() {
        ArchitectureRules.purePackagesDoNoInputOrOutput().check(TIDEMARK);
    }

    @Test
    void purePackagesAskNoClock() {
        ArchitectureRules.purePackagesAskNoClock().check(TIDEMARK);
    }

    @Test
    void servicesShowOnlyTheirEntry() {
        ArchitectureRules.servicesShowOnlyTheirEntry().check(TIDEMARK);
    }

    /** A rule about a package that was renamed would hold for ever. */
    @ParameterizedTest
    @MethodSource("purePackages")
    void aPackageThatARuleNamesIsThere(String pattern) {
        String name = pattern.replace("..", "");

        assertThat(TIDEMARK.stream().filter(each -> each.getPackageName().startsWith(name)))
                .isNotEmpty();
    }

    @Test
    void whatIsListedAsPublicIsThere() {
        assertThat(ArchitectureRules.PUBLIC_IN_SERVICES).allMatch(TIDEMARK::contain);
    }

    @Test
    void everyPackageExplainsItsFlow() throws IOException {
        List<Path> sources;
        try (Stream<Path> modules = Files.list(Path.of(".."))) {
            sources = modules.map(module -> module.resolve("src/main/java"))
                    .filter(Files::isDirectory)
                    .toList();
        }

        assertThat(sources).hasSizeGreaterThanOrEqualTo(9);
        assertThat(sources).allSatisfy(each -> assertThat(ArchitectureRules.packagesWithoutFlow(each))
                .isEmpty());
    }

    static List<String> purePackages() {
        return ArchitectureRules.PURE_PACKAGES;
    }
}
