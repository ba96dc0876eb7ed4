package dev.tidemark.schemas.layout;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.layout.ArchiveKey.BaselineKey;
import dev.tidemark.schemas.layout.ArchiveKey.BlobKey;
import dev.tidemark.schemas.layout.ArchiveKey.DrillKey;
import dev.tidemark.schemas.layout.ArchiveKey.DrillPart;
import dev.tidemark.schemas.layout.ArchiveKey.GapKey;
import dev.tidemark.schemas.layout.ArchiveKey.LogKey;
import dev.tidemark.schemas.layout.ArchiveKey.MarkerKey;
import dev.tidemark.schemas.layout.ArchiveKey.ProgressKey;
import dev.tidemark.schemas.layout.ArchiveKey.PrunedKey;
import dev.tidemark.schemas.layout.ArchiveKey.RollUpKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ArchiveKey.TurnKey;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How keys of the archive are read: the way back from {@link ArchiveKey#path()}, one form a kind of key. */
final class KeyGrammar {
    /** The end of the year 9999: later dates are spelt with a sign. */
    private static final long LAST_MICROS = 253_402_300_799_999_999L;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("'dt='uuuu-MM-dd/HHmmss.SSSSSS", Locale.ROOT);

    private static final String HOUR_FORM = "dt=(?<date>\\d{4}-\\d{2}-\\d{2})/hr=(?<hour>\\d{2})";
    private static final String TIME_FORM = "(?<time>dt=\\d{4}-\\d{2}-\\d{2}/\\d{6}\\.\\d{6})";
    private static final String SHARD_FORM = "s(?<shard>\\d{2,5})";
    private static final String GENERATION_FORM = "g(?<generation>\\d{3,9})";
    private static final String NONCE_FORM = "[0-9a-f]{8}";
    private static final String BASELINE_FILE_FORM = "manifest\\.json|n\\d{2,5}\\.(?:rdb|index)";
    private static final Pattern NONCE = Pattern.compile(NONCE_FORM);
    private static final Pattern BASELINE_FILE = Pattern.compile(BASELINE_FILE_FORM);

    /** No path has more than one of them. */
    private static final List<Form> FORMS = List.of(
            new Form(
                    "segments/" + HOUR_FORM + "/" + SHARD_FORM + "-" + GENERATION_FORM
                            + "-(?<frontier>\\d{20})\\.parquet",
                    found -> new SegmentKey(
                            hour(found),
                            integer(found, "shard"),
                            integer(found, "generation"),
                            number(found, "frontier"))),
            new Form(
                    "changes/" + HOUR_FORM + "/" + SHARD_FORM + "\\.parquet",
                    found -> new RollUpKey(hour(found), integer(found, "shard"))),
            new Form("rolled/" + HOUR_FORM, found -> new MarkerKey(hour(found))),
            new Form("_progress/" + SHARD_FORM, found -> new ProgressKey(integer(found, "shard"))),
            new Form("logs/" + GENERATION_FORM, found -> new LogKey(integer(found, "generation"))),
            new Form(
                    "gaps/" + TIME_FORM + "-" + SHARD_FORM + "-" + GENERATION_FORM + "-(?<offset>\\d{20})\\.json",
                    found -> new GapKey(
                            micros(found),
                            integer(found, "shard"),
                            integer(found, "generation"),
                            number(found, "offset"))),
            new Form("drills/" + TIME_FORM + "\\.json", found -> new DrillKey(micros(found), DrillPart.REPORT)),
            new Form("drills/" + TIME_FORM + "\\.html", found -> new DrillKey(micros(found), DrillPart.PAGE)),
            new Form(
                    "blobs/dt=(?<date>\\d{4}-\\d{2}-\\d{2})/(?<sha256>[0-9a-f]{64})",
                    found -> new BlobKey(
                            LocalDate.parse(found.group("date")),
                            Bytes.wrap(HexFormat.of().parseHex(found.group("sha256"))))),
            new Form(
                    "baselines/" + TIME_FORM + "-(?<nonce>" + NONCE_FORM + ")/(?<file>" + BASELINE_FILE_FORM + ")",
                    found -> new BaselineKey(micros(found), found.group("nonce"), found.group("file"))),
            new Form("_baseline-turns/(?<number>\\d{20})", found -> new TurnKey(number(found, "number"))),
            new Form("pruned/(?<number>\\d{20})", found -> new PrunedKey(number(found, "number"))));

    private KeyGrammar() {}

    private record Form(Pattern pattern, Function<Matcher, ArchiveKey> key) {
        Form(String pattern, Function<Matcher, ArchiveKey> key) {
            this(Pattern.compile(pattern), key);
        }
    }

    /** The key that the path reads as; it may be spelt otherwise. */
    static Optional<ArchiveKey> read(String path) {
        try {
            for (Form form : FORMS) {
                Matcher found = form.pattern().matcher(path);
                if (found.matches()) {
                    return Optional.of(form.key().apply(found));
                }
            }
            return Optional.empty();
        } catch (IllegalArgumentException | DateTimeException notOurs) {
            return Optional.empty();
        }
    }

    /** How a moment is spelt: as a day's folder, and the time in it. */
    static String time(long micros) {
        return TIME.format(RedisTime.instant(micros).atOffset(ZoneOffset.UTC));
    }

    /** Refuses a moment that cannot be spelt so that keys sort by time. */
    static void requireTime(long micros) {
        if (micros < 0 || micros > LAST_MICROS) {
            throw new IllegalArgumentException("no key is made for the time " + micros);
        }
    }

    static boolean isBaselineFile(String nonce, String file) {
        return NONCE.matcher(nonce).matches() && BASELINE_FILE.matcher(file).matches();
    }

    private static Hour hour(Matcher found) {
        return new Hour(LocalDate.parse(found.group("date")), integer(found, "hour"));
    }

    private static long micros(Matcher found) {
        return RedisTime.micros(LocalDateTime.parse(found.group("time"), TIME).toInstant(ZoneOffset.UTC));
    }

    private static int integer(Matcher found, String group) {
        return Integer.parseInt(found.group(group));
    }

    private static long number(Matcher found, String group) {
        return Long.parseLong(found.group(group));
    }
}
