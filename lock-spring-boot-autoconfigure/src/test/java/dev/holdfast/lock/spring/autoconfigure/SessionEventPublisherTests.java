package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.RegistryStatus.Session;
import dev.holdfast.lock.RegistryStatus.State;
import dev.holdfast.lock.spring.FakeLockRegistry;
import dev.holdfast.lock.spring.LockSessionLostEvent;
import dev.holdfast.lock.spring.LockSessionRestoredEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Of several registries; the events of one are in {@link SessionOutageTests}. */
class SessionEventPublisherTests {

    private static final Duration TTL = Duration.ofSeconds(30);

    private final List<Object> published = new ArrayList<>();
    private final LockListener listener = new SessionEventPublisher(published::add);
    private final LockListener orders = listener.of(new FakeLockRegistry());
    private final LockListener billing = listener.of(new FakeLockRegistry());

    @Test
    void eachRegistryIsRestored() {
        orders.sessionChanged(session("1", State.EXPIRED));
        billing.sessionChanged(session("2", State.EXPIRED));
        orders.sessionChanged(session("3", State.ACTIVE));
        billing.sessionChanged(session("4", State.ACTIVE));

        assertThat(published)
                .hasExactlyElementsOfTypes(
                        LockSessionLostEvent.class,
                        LockSessionLostEvent.class,
                        LockSessionRestoredEvent.class,
                        LockSessionRestoredEvent.class);
    }

    @Test
    void aNewSessionOfOneRegistryRestoresNoOther() {
        orders.sessionChanged(session("1", State.EXPIRED));
        billing.sessionChanged(session("2", State.ACTIVE));
        assertThat(published).hasExactlyElementsOfTypes(LockSessionLostEvent.class);

        orders.sessionChanged(session("3", State.ACTIVE));
        assertThat(published).hasExactlyElementsOfTypes(LockSessionLostEvent.class, LockSessionRestoredEvent.class);
    }

    private static Session session(String lease, State state) {
        return new Session(lease, TTL, state, TTL);
    }
}
