package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisCommandExecutionException;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;

class RedisRepliesTest {
    @Test
    void whatIsSaidNextFollowsAQuestionToo() {
        String failed = RedisReplies.failed("redis://10.0.0.9:6379", new ConnectException("Connection refused"), "")
                .getMessage();

        assertThat(RedisReplies.sentence(failed)).endsWith("Connection refused. Does a Redis listen there?");
        assertThat(RedisReplies.sentence("it is full. ")).isEqualTo("it is full.");
        assertThat(RedisReplies.sentence("it is full")).isEqualTo("it is full.");
        assertThat(RedisReplies.failed(
                        "redis://10.0.0.9:6379",
                        new RedisCommandExecutionException("NOREPLICAS Not enough good replicas to write."),
                        "Nothing was written to it"))
                .hasMessageEndingWith("Not enough good replicas to write. Nothing was written to it");
    }
}
