package dev.tidemark.schemas.log;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Tidemark.Beat;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;

/** Records of every kind, with odd content. */
final class Generated {
    private Generated() {}

    static LogRow row(Random random) {
        return switch (random.nextInt(9)) {
            case 0 -> new LogRow.EpochClaimed(random.nextLong(), random.nextLong());
            case 1 -> new LogRow.ResyncBegun(random.nextLong(), random.nextLong(), text(random));
            case 2 -> new LogRow.ResyncEnded(random.nextLong(), random.nextLong(), random.nextLong());
            case 3 ->
                new LogRow.Definitions(
                        random.nextLong(), random.nextLong(), text(random), bytes(random), bytes(random));
            default ->
                new LogRow.Change(
                        random.nextLong(),
                        random.nextLong(),
                        random.nextLong(),
                        random.nextInt(16),
                        bytes(random),
                        value(random),
                        random.nextBoolean() ? OptionalLong.of(random.nextLong()) : OptionalLong.empty(),
                        text(random));
        };
    }

    static ControlRecord control(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> new ControlRecord.Claim(text(random));
            case 1 -> new ControlRecord.Doubt(random.nextLong(), random.nextLong(), text(random), text(random));
            default -> {
                long begin = random.nextInt(1_000_000);
                long end = begin + 1 + random.nextInt(1_000);
                List<Beat> nodes = new ArrayList<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    nodes.add(new Beat(
                            text(random),
                            text(random),
                            text(random),
                            text(random),
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong()));
                }
                yield new Tidemark(
                        1 + random.nextInt(9),
                        random.nextLong(),
                        new Base(begin, end, random.nextLong()),
                        random.nextLong(),
                        end + 1 + random.nextInt(1_000),
                        random.nextLong(),
                        nodes);
            }
        };
    }

    private static Value value(Random random) {
        return switch (random.nextInt(6)) {
            case 4 ->
                new Value.Blob("string", Value.Encoding.RAW, sha256(random), random.nextLong(1L << 30), day(random));
            case 5 -> new Value.Blob("zset", Value.Encoding.DUMP, sha256(random), 1, day(random));
            case 0 -> new Value.Absent();
            case 1 -> new Value.Text(bytes(random));
            case 2 -> new Value.Opaque("zset", bytes(random));
            default -> {
                List<Value.Field> fields = new ArrayList<>();
                for (int i = random.nextInt(5); i >= 0; i--) {
                    fields.add(new Value.Field(bytes(random), bytes(random)));
                }
                yield new Value.Hash(fields);
            }
        };
    }

    private static Bytes sha256(Random random) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    private static LocalDate day(Random random) {
        return LocalDate.ofEpochDay(random.nextInt(40_000));
    }

    private static Bytes bytes(Random random) {
        byte[] bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    private static String text(Random random) {
        return List.of("", "hset", "a \"quoted\" reason", "größer", "\u0000").get(random.nextInt(5));
    }
}
