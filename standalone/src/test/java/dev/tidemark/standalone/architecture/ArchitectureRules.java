package dev.tidemark.standalone.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What the modules promise each other, as rules that a build can ask. */
final class ArchitectureRules {
    static final List<String> SERVICES = List.of("capture", "compactor", "restorer");

    /** They decide: data in, data out. */
    static final List<String> PURE_PACKAGES = List.of(
            "dev.tidemark.capture.proof..",
            "dev.tidemark.compactor.cut..",
            "dev.tidemark.compactor.roll..",
            "dev.tidemark.compactor.dating..",
            "dev.tidemark.restorer.plan..",
            "dev.tidemark.restorer.proof..",
            "dev.tidemark.restorer.verify..",
            "dev.tidemark.restorer.look..",
            "dev.tidemark.restorer.drill..",
            "dev.tidemark.restorer.retain..",
            "dev.tidemark.schemas.log..",
            "dev.tidemark.schemas.layout..",
            "dev.tidemark.oracle.judge..",
            "dev.tidemark.standalone.times..");

    /** A service's entry and the records it returns. A name more here is a promise more to everyone. */
    static final Set<String> PUBLIC_IN_SERVICES = Set.of(
            "dev.tidemark.capture.Capture",
            "dev.tidemark.capture.CaptureCheckup",
            "dev.tidemark.capture.CaptureRights",
            "dev.tidemark.compactor.Compactor",
            "dev.tidemark.compactor.ShardStatus",
            "dev.tidemark.restorer.Restorer",
            "dev.tidemark.restorer.DrillOptions",
            "dev.tidemark.restorer.Lookout",
            "dev.tidemark.restorer.Points",
            "dev.tidemark.restorer.PruneReport",
            "dev.tidemark.restorer.Pruner",
            "dev.tidemark.restorer.RestoreFile",
            "dev.tidemark.restorer.RestoreListener",
            "dev.tidemark.restorer.ReplicationPort",
            "dev.tidemark.restorer.RestoreObject",
            "dev.tidemark.restorer.RestoreOptions",
            "dev.tidemark.restorer.RestorePart",
            "dev.tidemark.restorer.RestorePlan",
            "dev.tidemark.restorer.RestoreProgress",
            "dev.tidemark.restorer.RestoreReport",
            "dev.tidemark.restorer.RestoreTarget",
            "dev.tidemark.restorer.Status",
            "dev.tidemark.restorer.TailUse",
            "dev.tidemark.restorer.TimeRange");

    /** Avro encodes through streams and forces its exception on us; these reach nothing outside memory. */
    private static final Set<String> IN_MEMORY_STREAMS = Set.of(
            "java.io.ByteArrayInputStream",
            "java.io.ByteArrayOutputStream",
            "java.io.InputStream",
            "java.io.OutputStream",
            "java.io.IOException",
            "java.io.UncheckedIOException");

    private ArchitectureRules() {}

    /** Services meet in schemas, in Kafka and in S3; and none carries the servers or the judge of its own tests. */
    static ArchRule servicesKnowOnlySchemasAndArchive() {
        CompositeArchRule rules = null;
        for (String service : SERVICES) {
            String own = "dev.tidemark." + service + "..";
            DescribedPredicate<JavaClass> foreign = resideInAPackage("dev.tidemark..")
                    .and(not(resideInAnyPackage(
                            own, "dev.tidemark.schemas..", "dev.tidemark.rdb..", "dev.tidemark.archive..")));
            ArchRule rule = noClasses()
                    .that()
                    .resideInAPackage(own)
                    .should()
                    .dependOnClassesThat(foreign)
                    .as(service + " depends on nothing of Tidemark's but schemas, rdb and archive");
            rules = rules == null ? CompositeArchRule.of(rule) : rules.and(rule);
        }
        return rules;
    }

    static ArchRule purePackagesDoNoInputOrOutput() {
        DescribedPredicate<JavaClass> outside = resideInAnyPackage(
                        "java.io..",
                        "java.nio.file..",
                        "java.nio.channels..",
                        "java.net..",
                        "org.apache.kafka..",
                        "io.lettuce..",
                        "software.amazon..",
                        "org.slf4j..")
                .and(describe("reach outside memory", each -> !IN_MEMORY_STREAMS.contains(each.getName())));
        DescribedPredicate<JavaClass> streams =
                describe("are streams in memory", each -> IN_MEMORY_STREAMS.contains(each.getName()));
        String[] withoutStreams = PURE_PACKAGES.stream()
                .filter(each -> !each.equals("dev.tidemark.schemas.log.."))
                .toArray(String[]::new);
        return CompositeArchRule.of(noClasses()
                        .that()
                        .resideInAnyPackage(pure())
                        .should()
                        .dependOnClassesThat(outside)
                        .as("pure packages do no input or output"))
                .and(noClasses()
                        .that()
                        .resideInAnyPackage(withoutStreams)
                        .should()
                        .dependOnClassesThat(streams)
                        .as("pure packages use no streams; only schemas.log may, for Avro"));
    }

    static ArchRule purePackagesAskNoClock() {
        DescribedPredicate<JavaMethodCall> asksTheTime = describe("ask for the time", call -> {
            String owner = call.getTargetOwner().getName();
            String method = call.getTarget().getName();
            boolean isOfSystem = method.equals("currentTimeMillis") || method.equals("nanoTime");
            return (owner.equals("java.lang.System") && isOfSystem)
                    || (owner.startsWith("java.time.") && method.equals("now"));
        });
        DescribedPredicate<JavaClass> runByTheClock = describe(
                "run by the clock",
                each -> each.isEquivalentTo(Thread.class)
                        || each.isAssignableTo(Clock.class)
                        || each.getPackageName().equals("java.util.concurrent"));
        return CompositeArchRule.of(noClasses()
                        .that()
                        .resideInAnyPackage(pure())
                        .should()
                        .callMethodWhere(asksTheTime)
                        .as("pure packages ask no clock"))
                .and(noClasses()
                        .that()
                        .resideInAnyPackage(pure())
                        .should()
                        .dependOnClassesThat(runByTheClock)
                        .as("pure packages know no clock and no thread"));
    }

    static ArchRule servicesShowOnlyTheirEntry() {
        String[] roots =
                SERVICES.stream().map(service -> "dev.tidemark." + service).toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAnyPackage(roots)
                .and(describe("are not listed", each -> !PUBLIC_IN_SERVICES.contains(each.getName())))
                // A nested class is seen no further than the one around it.
                .and(describe("stand alone", JavaClass::isTopLevelClass))
                .should()
                .bePublic()
                .as("in a service's root package only the entry and what it returns is public");
    }

    /** Directories of sources that hold Java and no {@code package-info.java}. */
    static List<Path> packagesWithoutFlow(Path sources) {
        try (Stream<Path> files = Files.walk(sources)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .map(Path::getParent)
                    .distinct()
                    .filter(directory -> !Files.exists(directory.resolve("package-info.java")))
                    .sorted()
                    .toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static String[] pure() {
        return PURE_PACKAGES.toArray(String[]::new);
    }
}
