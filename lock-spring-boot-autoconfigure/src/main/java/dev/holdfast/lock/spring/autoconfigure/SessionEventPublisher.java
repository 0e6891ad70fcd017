package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.RegistryStatus;
import dev.holdfast.lock.spring.LockSessionLostEvent;
import dev.holdfast.lock.spring.LockSessionRestoredEvent;
import dev.holdfast.lock.spring.LockSessionSuspectEvent;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.context.ApplicationEventPublisher;

/** Publishes what happens to the sessions of one registry: doubt, loss, and the end of either. */
final class SessionEventPublisher implements LockListener {

    private final ApplicationEventPublisher publisher;

    /** Leases in doubt. */
    private final Set<String> suspect = ConcurrentHashMap.newKeySet();

    /** TTLs whose session was lost; the next one of that TTL takes its place. */
    private final Set<Duration> lost = ConcurrentHashMap.newKeySet();

    SessionEventPublisher(ApplicationEventPublisher publisher) {
        this.publisher = publisher;
    }

    @Override
    public LockListener of(LockRegistry registry) {
        return new SessionEventPublisher(publisher);
    }

    @Override
    public void sessionChanged(RegistryStatus.Session session) {
        switch (session.state()) {
            case ACTIVE -> {
                if (suspect.remove(session.lease()) || lost.remove(session.ttl())) {
                    publisher.publishEvent(new LockSessionRestoredEvent(session));
                }
            }
            case SUSPECT -> {
                suspect.add(session.lease());
                publisher.publishEvent(new LockSessionSuspectEvent(session));
            }
            case EXPIRED -> {
                suspect.remove(session.lease());
                lost.add(session.ttl());
                publisher.publishEvent(new LockSessionLostEvent(session));
            }
            case CLOSED -> suspect.remove(session.lease());
        }
    }
}
