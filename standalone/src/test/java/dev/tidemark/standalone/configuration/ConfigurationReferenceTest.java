package dev.tidemark.standalone.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A page that was not made again after a setting changed fails the build here. */
class ConfigurationReferenceTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path PAGE = ROOT.resolve("docs/configuration.md");

    @Test
    void isWhatTheCodeSays() throws IOException {
        String page = ConfigurationReference.page(Files.readString(ROOT.resolve("tidemark.example.yml")));
        if (Boolean.getBoolean("tidemark.write")) {
            Files.writeString(PAGE, page);
        }

        assertThat(Files.readString(PAGE)).isEqualTo(page);
    }

    @Test
    void tellsEachKeyWithItsVariableItsDefaultAndWhatItIsFor() throws IOException {
        String page = ConfigurationReference.page(Files.readString(ROOT.resolve("tidemark.example.yml")));

        assertThat(SettingKeys.all())
                .allSatisfy(key -> assertThat(page).contains("`" + key.path() + "`<br>`" + key.variable()));
        assertThat(page)
                .contains("| `compactor.cut-age`<br>`TIDEMARK_COMPACTOR_CUT_AGE` | time | `30s` | How old a change")
                .contains("| `s3.bucket`<br>`TIDEMARK_S3_BUCKET` | text | none | REQUIRED.");
    }
}
