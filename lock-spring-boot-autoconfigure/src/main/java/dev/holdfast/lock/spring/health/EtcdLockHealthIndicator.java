package dev.holdfast.lock.spring.health;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.RegistryStatus;
import dev.holdfast.lock.StoreStatus;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Up while etcd answers, knows a leader, and confirms the sessions the locks depend on; a session that is {@code SUSPECT} for want of
 * renewals makes it down, since its locks will be lost. Shows version, round trip and sessions; says nothing about single locks. Answers
 * within some two seconds.
 */
public final class EtcdLockHealthIndicator extends AbstractHealthIndicator {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final LockRegistry registry;

    public EtcdLockHealthIndicator(LockRegistry registry) {
        super("The store of the locks does not answer");
        this.registry = registry;
    }

    @Override
    protected void doHealthCheck(Health.Builder health) throws Exception {
        RegistryStatus status = registry.status();
        health.withDetail("held", status.held())
                .withDetail("waiting", status.waiting())
                .withDetail("sessions", sessions(status));
        StoreStatus store;
        try {
            store = ping();
        } catch (LockUnavailableException | TimeoutException expected) {
            // Thrown on, each probe of an outage would log it with its stack trace; the sessions log the outage once.
            health.down()
                    .withDetail(
                            "error",
                            expected instanceof TimeoutException
                                    ? "The store of the locks does not answer"
                                    : String.valueOf(expected.getMessage()));
            return;
        }
        health.up()
                .withDetail("version", store.version())
                .withDetail("leader", store.leaderKnown())
                .withDetail("roundTripMs", store.roundTrip().toMillis());
        if (!store.leaderKnown()) {
            health.down()
                    .withDetail("error", "The member that answered knows no leader; no lock can be taken or renewed");
            return;
        }
        status.sessions().stream()
                .filter(session -> session.state() == RegistryStatus.State.SUSPECT)
                .min(Comparator.comparing(RegistryStatus.Session::remaining))
                .ifPresent(first -> health.down()
                        .withDetail(
                                "error",
                                "Lease " + first.lease() + " is not confirmed; its locks are lost in "
                                        + first.remaining().toMillis() + " ms unless it is renewed"));
    }

    private StoreStatus ping() throws Exception {
        try {
            // The ping ends by itself at that time; the limit here guards against a registry that does not.
            return registry.ping(TIMEOUT).get(TIMEOUT.toMillis() + 500, TimeUnit.MILLISECONDS);
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof Exception cause ? cause : failed;
        }
    }

    private static List<Map<String, Object>> sessions(RegistryStatus status) {
        return status.sessions().stream()
                .map(session -> Map.<String, Object>of(
                        "lease", session.lease(),
                        "state", session.state().name(),
                        "ttlSeconds", session.ttl().toSeconds(),
                        "remainingMs", session.remaining().toMillis()))
                .toList();
    }
}
