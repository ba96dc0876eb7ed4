package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;

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
    }
}
