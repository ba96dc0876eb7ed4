package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What nodes of a Cluster say of each other. */
class ClusterNodesTest {
    private static final NodeAddress ASKED = NodeAddress.parse("10.0.0.1:7000");

    /** It goes on claiming its slots, and answering, while the others have given them to somebody else. */
    @Test
    void aPrimaryThatSuspectsMostOthersIsCutOff() {
        assertThat(view("master,fail?", "master,fail?").seesMost()).isFalse();
        assertThat(view("master,fail", "master,fail").seesMost()).isFalse();
    }

    @Test
    void aPrimaryThatMissesOneOfThreeIsNot() {
        assertThat(view("master", "master,fail").seesMost()).isTrue();
        assertThat(view("master,fail?", "master").seesMost()).isTrue();
    }

    @Test
    void anAddressOfVersion6IsReadWhole() {
        ClusterNodes nodes =
                ClusterNodes.parse("a 2001:db8::1:7000@17000 myself,master - 0 0 1 connected 0-16383", ASKED);

        assertThat(nodes.lines().get(0).address()).isEqualTo(new NodeAddress("2001:db8::1", 7000));
        assertThat(nodes.seesMost()).isTrue();
    }

    @Test
    void aNodeIsCalledByTheNameThatItAnnouncesIfAny() {
        ClusterNodes nodes = ClusterNodes.parse("""
                a 10.0.0.1:7000@17000,a.example myself,master - 0 0 1 connected 0-5460
                b 10.0.0.2:7000@17000,b.example,tls-port=0,shard-id=0f myself,master - 0 0 2 connected 5461-10922
                c 10.0.0.3:7000@17000,,tls-port=0,shard-id=1f master - 0 0 3 connected 10923-16383
                """, ASKED);

        assertThat(nodes.lines())
                .extracting(line -> line.address().host())
                .containsExactly("10.0.0.1", "10.0.0.2", "10.0.0.3");
        assertThat(nodes.byName().lines())
                .extracting(ClusterNodes.Line::address)
                .containsExactly(
                        new NodeAddress("a.example", 7000),
                        new NodeAddress("b.example", 7000),
                        new NodeAddress("10.0.0.3", 7000));
    }

    private static ClusterNodes view(String second, String third) {
        return ClusterNodes.parse("""
                a 10.0.0.1:7000@17000 myself,master - 0 0 1 connected 0-5460
                b 10.0.0.2:7000@17000 %s - 0 0 2 connected 5461-10922
                c 10.0.0.3:7000@17000 %s - 0 0 3 connected 10923-16383
                d 10.0.0.4:7000@17000 slave a 0 0 1 connected
                """.formatted(second, third), ASKED);
    }
}
