package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VersionCheckTests {

    @ParameterizedTest
    @ValueSource(strings = {"2.3.8", "3.3.27", "3.4.23", "3.4.30", "3.5.0", "3.5.12", "3.5.12-rc.1"})
    void versionsThatRevokeLiveLeases(String version) {
        assertThat(VersionCheck.revokesLiveLeases(version)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"3.4.31", "3.5.13", "3.5.30", "3.6.0", "4.0.0", "", "unknown", "99999999999.1.1"})
    void versionsThatDoNotOrAreNotKnown(String version) {
        assertThat(VersionCheck.revokesLiveLeases(version)).isFalse();
    }
}
