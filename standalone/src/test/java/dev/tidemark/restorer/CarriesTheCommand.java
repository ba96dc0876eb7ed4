package dev.tidemark.restorer;

import dev.tidemark.standalone.times.TimeArgument;

/** Breaks a rule on purpose. */
final class CarriesTheCommand {
    private CarriesTheCommand() {}

    static String forms() {
        return TimeArgument.FORMS;
    }

    static boolean isLatest(TimeArgument time) {
        return time.isLatest();
    }
}
