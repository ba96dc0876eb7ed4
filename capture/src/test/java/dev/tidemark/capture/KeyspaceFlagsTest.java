package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeyspaceFlagsTest {
    @Test
    void whatIsSetStaysAndOnlyWhatIsMissingIsAdded() {
        assertThat(KeyspaceFlags.with("")).isEqualTo("Kgxet");
        assertThat(KeyspaceFlags.with("Eh")).isEqualTo("EhKgxet");
        assertThat(KeyspaceFlags.with("EA")).isEqualTo("EAK");
        assertThat(KeyspaceFlags.with("Kgx")).isEqualTo("Kgxet");
    }

    @Test
    void everyEventIsEnoughAndEventsOnOtherChannelsAreNot() {
        assertThat(KeyspaceFlags.suffice("AK")).isTrue();
        assertThat(KeyspaceFlags.suffice("gxetK")).isTrue();
        assertThat(KeyspaceFlags.suffice("AE")).isFalse();
        assertThat(KeyspaceFlags.suffice("Kgxt")).isFalse();
        assertThat(KeyspaceFlags.suffice("")).isFalse();
    }
}
