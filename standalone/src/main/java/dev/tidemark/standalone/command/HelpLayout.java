package dev.tidemark.standalone.command;

import dev.tidemark.schemas.errors.ExitCode;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Gives every command --help and --version, and makes the help of all look alike. */
final class HelpLayout {
    private HelpLayout() {}

    static void applyTo(CommandLine line) {
        line.setUsageHelpAutoWidth(true);
        line.getCommandSpec().mixinStandardHelpOptions(true).versionProvider(new Build());
        UsageMessageSpec usage = line.getCommandSpec().usageMessage();
        usage.descriptionHeading("%n");
        usage.optionListHeading("%nOptions:%n");
        usage.parameterListHeading("%nArguments:%n");
        usage.commandListHeading("%nCommands:%n");
        usage.footerHeading("%nExamples:%n");
        usage.exitCodeListHeading("%nExit codes:%n");
        usage.exitCodeList(exitCodes());
        usage.sortOptions(false);
        line.getSubcommands().values().forEach(HelpLayout::applyTo);
    }

    private static Map<String, String> exitCodes() {
        Map<String, String> lines = new LinkedHashMap<>();
        for (ExitCode code : ExitCode.values()) {
            lines.put(Integer.toString(code.number()), code.meaning());
        }
        return lines;
    }
}
