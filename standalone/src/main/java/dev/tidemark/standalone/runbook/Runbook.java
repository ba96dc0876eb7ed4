package dev.tidemark.standalone.runbook;

import dev.tidemark.schemas.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What may happen, and the page for it. */
public enum Runbook {
    BAD_INGEST,
    FLUSHALL,
    NODE_LOST,
    REGION_LOST,
    S3_DAMAGED,
    KAFKA_LOST,
    GAP_ALARM,
    RPO_ALARM,
    FAILED_DRILL,
    ANNUAL_DRILL;

    /** As it is typed, and as its page is called. */
    public String spoken() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public static Optional<Runbook> of(String spoken) {
        return Arrays.stream(values())
                .filter(each -> each.spoken().equals(spoken))
                .findFirst();
    }

    /** Its first line, without the mark of a heading. */
    public String title() {
        return page().lines().findFirst().orElseThrow().replaceFirst("^# ", "");
    }

    /** The page as it was written. */
    public String page() {
        String name = spoken() + ".md";
        try (InputStream in = Runbook.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("this build has no " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The page with its blanks filled in.
     *
     * @param config the file of the settings
     * @param scratch an empty Redis to restore into
     * @param lastDrill what practice has shown, in words
     */
    public String filledIn(Settings settings, Path config, URI scratch, String lastDrill) {
        Map<String, String> blanks = Map.of(
                "<config>", ShellWord.of(config),
                "<source>", settings.source().name(),
                "<redis>", source(settings),
                "<bucket>", settings.s3().bucket(),
                "<archive>", archive(settings),
                " <endpoint>",
                        settings.s3()
                                .endpoint()
                                .map(uri -> " --endpoint-url " + uri)
                                .orElse(""),
                "<scratch>", scratch.toString(),
                "<contacts>", contacts(settings),
                "<last-drill>", lastDrill);
        String text = page();
        for (Map.Entry<String, String> blank : blanks.entrySet()) {
            text = text.replace(blank.getKey(), blank.getValue());
        }
        return text;
    }

    /** What the configuration names with Sentinels is one of them, which is no Redis to restore into. */
    private static String source(Settings settings) {
        if (settings.redis().sentinel().master().isPresent()) {
            return settings.redis().uri().map(URI::getScheme).orElse("redis") + "://PRIMARY:6379";
        }
        return settings.redis().uri().map(URI::toString).orElse("redis://SOURCE:6379");
    }

    /** What every key of the source's objects begins with. */
    private static String archive(Settings settings) {
        String root = settings.s3().root();
        return (root.isEmpty() ? "" : root + "/") + settings.source().name() + "/";
    }

    private static String contacts(Settings settings) {
        List<String> contacts = settings.source().contacts();
        return contacts.isEmpty()
                ? "nobody is named; source.contacts in the configuration would be printed here"
                : String.join("; then ", contacts);
    }
}
