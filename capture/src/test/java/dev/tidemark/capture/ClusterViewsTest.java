package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Three primaries a, b and c and a replica of the first, r: whose slots they are, and of whom most are sure. */
class ClusterViewsTest {
    private static final Map<String, String> IN_ORDER = Map.of(
            "a", "master - 0 0 1 connected 0-5460",
            "b", "master - 0 0 2 connected 5461-10922",
            "c", "master - 0 0 3 connected 10923-16383",
            "r", "slave a 0 0 1 connected");

    @Test
    void whoEverybodyNamesIsInForce() {
        ClusterViews views = new ClusterViews(List.of(view("a"), view("b"), view("c"), view("r")));

        assertThat(primaries(views)).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(inForce(views)).containsExactlyInAnyOrder("a", "b", "c");
    }

    /** Some nodes are always away. */
    @Test
    void twoOfThreeAreEnough() {
        assertThat(inForce(new ClusterViews(List.of(view("b"), view("c"))))).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(inForce(new ClusterViews(List.of(view("a"), view("r"))))).isEmpty();
    }

    @Test
    void aNodeThatIsAskedAtTwoAddressesHasOneVote() {
        assertThat(inForce(new ClusterViews(List.of(view("b"), view("b"))))).isEmpty();
    }

    /** So each of them speaks of it before it votes for another. */
    @Test
    void whoMostHoldForFailedIsNotInForce() {
        for (String flags : List.of("master,fail?", "master,fail")) {
            String failing = IN_ORDER.get("a").replace("master", flags);

            assertThat(inForce(new ClusterViews(
                            List.of(view("a"), view("b", "a", failing), view("c", "a", failing), view("r")))))
                    .containsExactlyInAnyOrder("b", "c");
            assertThat(inForce(new ClusterViews(List.of(view("a"), view("b", "a", failing), view("c"), view("r")))))
                    .containsExactlyInAnyOrder("a", "b", "c");
        }
    }

    /** By the time that the others call it up again it has no slots for them, or another name for who has. */
    @Test
    void whoWasReplacedIsNoPrimaryAndHasNoVoteThoughItDoesNotKnow() {
        Map<String, String> replaced = Map.of("a", "master - 0 0 1 connected", "r", "master - 0 0 4 connected 0-5460");
        ClusterViews views = new ClusterViews(List.of(view("a"), view("b", replaced), view("c", replaced)));

        assertThat(primaries(views)).containsExactlyInAnyOrder("r", "b", "c");
        assertThat(inForce(views)).containsExactlyInAnyOrder("r", "b", "c");
        assertThat(inForce(new ClusterViews(List.of(view("a"), view("b", replaced)))))
                .isEmpty();
    }

    /** Nobody voted, and nobody but itself knows. */
    @Test
    void whoTookOverUnaskedSaysSoItself() {
        ClusterViews views = new ClusterViews(
                List.of(view("a"), view("b"), view("c"), view("r", "r", "master - 0 0 4 connected 0-5460")));

        assertThat(primaries(views)).containsExactlyInAnyOrder("r", "b", "c");
        assertThat(inForce(views)).containsExactlyInAnyOrder("b", "c");
    }

    @Test
    void whoHasLostASlotForMostIsNotInForceBeforeTheyAgree() {
        Map<String, String> moved =
                Map.of("a", "master - 0 0 1 connected 1-5460", "b", "master - 0 0 5 connected 0 5461-10922");

        assertThat(inForce(new ClusterViews(List.of(view("a"), view("b", moved), view("c")))))
                .containsExactly("c");
    }

    @Test
    void primariesThatAreDownHaveAVoteThatIsMissing() {
        String two = "master,fail - 0 0 2 connected 5461-10922";
        ClusterNodes ofFour = view("a", Map.of("b", two, "r", "master,fail - 0 0 4 connected 16383"));
        ClusterNodes another = view("c", Map.of("b", two, "r", "master,fail - 0 0 4 connected 16383"));

        assertThat(inForce(new ClusterViews(List.of(ofFour, another)))).isEmpty();
    }

    /** Nobody else could vote. */
    @Test
    void theOnlyPrimaryConfirmsItself() {
        ClusterNodes alone = ClusterNodes.parse("a :7000@17000 myself,master - 0 0 1 connected 0-16383", address("a"));

        assertThat(inForce(new ClusterViews(List.of(alone)))).containsExactly("a");
    }

    private static List<String> primaries(ClusterViews views) {
        BitSet all = new BitSet();
        views.primaries().forEach(primary -> all.or(primary.slots()));
        assertThat(all.cardinality()).isEqualTo(16_384);
        return views.primaries().stream()
                .map(primary -> name(primary.address()))
                .toList();
    }

    private static List<String> inForce(ClusterViews views) {
        return views.inForce().stream().map(ClusterViewsTest::name).toList();
    }

    private static String name(NodeAddress address) {
        return address.host();
    }

    private static NodeAddress address(String node) {
        return new NodeAddress(node, 7000);
    }

    private static ClusterNodes view(String of) {
        return view(of, Map.of());
    }

    private static ClusterNodes view(String of, String other, String line) {
        return view(of, Map.of(other, line));
    }

    /** What one node says, with some lines other than in order. */
    private static ClusterNodes view(String of, Map<String, String> others) {
        Map<String, String> lines = new TreeMap<>(IN_ORDER);
        lines.putAll(others);
        return ClusterNodes.parse(
                lines.entrySet().stream()
                        .map(line -> "%s %s:7000@17000 %s%s"
                                .formatted(
                                        line.getKey(),
                                        line.getKey(),
                                        line.getKey().equals(of) ? "myself," : "",
                                        line.getValue()))
                        .collect(Collectors.joining("\n")),
                address(of));
    }
}
