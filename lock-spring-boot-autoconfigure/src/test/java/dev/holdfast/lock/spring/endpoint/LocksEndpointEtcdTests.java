package dev.holdfast.lock.spring.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.etcd.EtcdLockRegistry;
import dev.holdfast.lock.spring.endpoint.EndpointApplication.Answer;
import dev.holdfast.lock.test.EtcdServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The endpoint over HTTP, with locks of several programs in a real etcd. */
class LocksEndpointEtcdTests {

    private static final Duration LONG = Duration.ofSeconds(60);

    @Test
    void holdersAndWaitersOfAllProgramsAreShownInTheirOrderAndOneIsRemoved() throws Exception {
        try (EtcdServer etcd = EtcdServer.start();
                EndpointApplication application = start(etcd);
                LockRegistry other = EtcdLockRegistry.builder()
                        .endpoints(etcd.endpoint())
                        .owner("other-service")
                        .build()) {
            Process program = etcd.etcdctlProcess("lock", "locks/report")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                awaitEntries(other, 1);
                CompletableFuture<Optional<LockHandle>> second =
                        other.lock("report").tryAcquireAsync(LONG);
                awaitEntries(other, 2);
                CompletableFuture<Optional<LockHandle>> third =
                        application.registry().lock("report").tryAcquireAsync(LONG);
                awaitEntries(other, 3);

                Answer one = application.get("/report");
                assertThat(one.<List<?>>at("$.holders")).hasSize(1);
                assertThat(one.<Map<String, Object>>at("$.holders[0]"))
                        .containsEntry("own", false)
                        .containsKeys("lease", "remainingMillis")
                        .doesNotContainKeys("owner", "since", "value");
                assertThat(one.<List<String>>at("$.waiters[*].owner.application"))
                        .containsExactly("other-service", "tickets");
                assertThat(one.<List<Boolean>>at("$.waiters[*].own")).containsExactly(false, true);
                Answer all = application.get("");
                assertThat(all.<Map<String, Object>>at("$.names[0]"))
                        .containsEntry("holders", 1)
                        .containsEntry("waiters", 2);
                assertThat(all.<List<String>>at("$.local[*].role")).containsExactly("waiter");

                int place = one.<Integer>at("$.holders[0].createRevision");
                assertThat(application.delete("/report?createRevision=" + place).status())
                        .isEqualTo(200);

                LockHandle held = second.get(20, TimeUnit.SECONDS).orElseThrow();
                assertThat(third).isNotDone();
                held.release();
                assertThat(third.get(20, TimeUnit.SECONDS)).hasValueSatisfying(LockHandle::release);
            } finally {
                program.destroyForcibly();
            }
        }
    }

    @Test
    void withoutAnAnswerOfEtcdItShowsWhatThisInstanceHolds() throws Exception {
        try (EtcdServer etcd = EtcdServer.start();
                EndpointApplication application = start(etcd)) {
            LockHandle held = application.registry().lock("report").acquire();
            etcd.freeze();
            try {
                Answer all = application.get("");
                assertThat(all.status()).isEqualTo(200);
                assertThat(all.<List<String>>at("$.local[*].role")).containsExactly("holder");
                assertThat(all.<String>at("$.error")).contains("etcd");
                assertThat(all.<Map<String, Object>>at("$")).doesNotContainKey("names");
                Answer one = application.get("/report");
                assertThat(one.status()).isEqualTo(503);
                assertThat(one.<String>at("$.error")).contains("'report'");
                Answer removal = application.delete("/report?createRevision=" + held.fencingToken());
                assertThat(removal.status()).isEqualTo(503);
            } finally {
                etcd.thaw();
            }
        }
    }

    private static EndpointApplication start(EtcdServer etcd) {
        return EndpointApplication.start(
                "holdfast.etcd.endpoints=" + etcd.endpoint(),
                "spring.application.name=tickets",
                "management.endpoints.web.exposure.include=locks",
                "management.endpoint.locks.access=unrestricted");
    }

    private static void awaitEntries(LockRegistry registry, int count) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> registry.inspection().queue("report").entries().size() == count);
    }
}
