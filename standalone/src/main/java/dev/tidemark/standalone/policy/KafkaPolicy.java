package dev.tidemark.standalone.policy;

import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.TopicSetup;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.standalone.policy.KafkaAcl.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The topics of a source and who may do what to them. Nobody may delete or alter a topic, nor touch another source's.
 *
 * @param topicSettings what both topics are created with
 */
public record KafkaPolicy(
        String source,
        String bootstrap,
        LogTopics topics,
        int partitions,
        int copies,
        Map<String, String> topicSettings,
        List<KafkaAcl> acls) {
    public KafkaPolicy {
        topicSettings = new TreeMap<>(topicSettings);
        acls = List.copyOf(acls);
    }

    /**
     * Works it out.
     *
     * @param recordBytesMax how large a record can become
     */
    public static KafkaPolicy of(Settings settings, long recordBytesMax) {
        LogTopics topics = LogTopics.first(settings.source().name());
        List<KafkaAcl> acls = new ArrayList<>();
        List<String> write = new ArrayList<>(List.of("Read", "Write", "DescribeConfigs"));
        if (settings.kafka().topicsCreate()) {
            write.add("Create");
        }
        List<String> both = List.of(topics.changes(), topics.tidemarks());
        both.forEach(topic -> acls.add(new KafkaAcl(Service.CAPTURE, Resource.TOPIC, topic, write)));
        acls.add(new KafkaAcl(Service.CAPTURE, Resource.GROUP, topics.captureGroup(), List.of("Read")));
        both.forEach(topic -> acls.add(new KafkaAcl(Service.COMPACTOR, Resource.TOPIC, topic, List.of("Read"))));
        acls.add(new KafkaAcl(
                Service.COMPACTOR,
                Resource.GROUP,
                settings.compactor().applicationId(settings.source()),
                List.of("Read")));
        both.forEach(topic -> acls.add(new KafkaAcl(Service.RESTORER, Resource.TOPIC, topic, List.of("Read"))));
        return new KafkaPolicy(
                settings.source().name(),
                settings.kafka().bootstrap(),
                topics,
                settings.source().shards(),
                TopicSetup.copies(settings.kafka()),
                TopicSetup.topicSettings(settings.kafka(), recordBytesMax),
                acls);
    }

    public List<KafkaAcl> of(Service service) {
        return acls.stream().filter(each -> each.service() == service).toList();
    }

    /** The commands that give a service its rights. */
    public List<String> commands(Service service) {
        return of(service).stream()
                .map(acl -> acl.command(bootstrap, service.user(source)))
                .toList();
    }
}
