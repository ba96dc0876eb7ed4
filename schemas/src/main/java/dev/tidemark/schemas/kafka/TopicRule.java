package dev.tidemark.schemas.kafka;

import dev.tidemark.schemas.settings.KafkaSettings;
import java.util.List;
import java.util.function.Predicate;

/**
 * How one setting of the log's topics must be.
 *
 * @param wanted what a topic is created with
 * @param why what another value would do
 * @param right which values do as well
 */
record TopicRule(String setting, String wanted, String why, Predicate<String> right) {
    static final int COPIES = 3;
    static final int COPIES_IN_SYNC = 2;

    static List<TopicRule> of(KafkaSettings settings, long recordBytesMax) {
        long retention = settings.retention().toMillis();
        boolean single = settings.singleCopy();
        int inSync = single ? 1 : COPIES_IN_SYNC;
        return List.of(
                new TopicRule("cleanup.policy", "delete", "a compacted topic loses states", "delete"::equals),
                new TopicRule(
                        "max.message.bytes",
                        Long.toString(recordBytesMax),
                        "the largest value must fit",
                        value -> Long.parseLong(value) >= recordBytesMax),
                new TopicRule(
                        "retention.ms",
                        Long.toString(retention),
                        "kafka.retention says so",
                        value -> value.equals("-1") || Long.parseLong(value) >= retention),
                new TopicRule(
                        "min.insync.replicas",
                        Integer.toString(inSync),
                        "else one broker's loss loses acknowledged changes; kafka.single-copy: true accepts that",
                        value -> Integer.parseInt(value) >= inSync),
                new TopicRule(
                        "unclean.leader.election.enable",
                        "false",
                        "an unclean leader lacks acknowledged changes",
                        value -> single || value.equals("false")));
    }

    /** The command that sets it. */
    String mend(String bootstrap, String topic) {
        return "kafka-configs.sh --bootstrap-server %s --alter --topic %s --add-config %s=%s"
                .formatted(bootstrap, topic, setting, wanted);
    }
}
