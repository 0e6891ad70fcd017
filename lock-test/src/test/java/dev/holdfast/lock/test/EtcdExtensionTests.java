package dev.holdfast.lock.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** As a user's test has it. */
class EtcdExtensionTests {

    @Nested
    @ExtendWith(EtcdExtension.class)
    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    class Parameters {

        @Test
        void theEtcdOfTheJvmIsGivenByItsUrls(@EtcdEndpoints List<String> all, @EtcdEndpoints String first) {
            assertThat(all).first().isEqualTo(first).asString().startsWith("http");
        }

        @Test
        @Order(1)
        void aServerOfTheClassMayBeKilled(EtcdServer etcd) {
            etcd.etcdctl("put", "kept", "value");
            etcd.kill();
            assertThat(etcd.endpoint()).isNotIn(SharedEtcd.endpoints());
        }

        @Test
        @Order(2)
        void andRunsAgainInTheNextTest(EtcdServer etcd) {
            assertThat(etcd.etcdctl("get", "kept")).contains("value");
        }
    }

    @Nested
    class OfThree {

        @RegisterExtension
        static final EtcdExtension ETCD = EtcdExtension.withCluster();

        @Test
        void itIsACluster(EtcdCluster injected) {
            assertThat(injected).isSameAs(ETCD.cluster());
            assertThat(ETCD.endpoints()).hasSize(3).isEqualTo(injected.endpoints());
            injected.leader().freeze();
            assertThat(injected.leader()).isNotNull();
        }

        @Test
        void allMembersRunBeforeEachTest() {
            ETCD.cluster()
                    .members()
                    .forEach(member ->
                            assertThat(member.etcdctl("endpoint", "health")).contains("is healthy"));
        }
    }

    @Test
    void theEtcdOfTheJvmIsNotForATestToStop() {
        assertThatIllegalStateException()
                .isThrownBy(() -> new EtcdExtension().cluster())
                .withMessageContaining("withServer()");
    }
}
