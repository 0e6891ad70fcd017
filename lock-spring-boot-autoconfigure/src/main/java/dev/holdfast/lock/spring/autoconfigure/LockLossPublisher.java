package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.spring.LockLostEvent;
import java.time.Duration;
import org.springframework.context.ApplicationEventPublisher;

/** Publishes a {@link LockLostEvent} for every lock that is lost. */
final class LockLossPublisher implements LockListener {

    private final ApplicationEventPublisher publisher;

    LockLossPublisher(ApplicationEventPublisher publisher) {
        this.publisher = publisher;
    }

    @Override
    public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
        publisher.publishEvent(new LockLostEvent(loss));
    }
}
