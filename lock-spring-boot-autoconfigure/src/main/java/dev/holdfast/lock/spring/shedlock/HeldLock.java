package dev.holdfast.lock.spring.shedlock;

import dev.holdfast.lock.LockHandle;
import java.util.Optional;
import net.javacrumbs.shedlock.core.AbstractSimpleLock;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.SimpleLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One hold, or one stretch of it: after an extension ShedLock goes on with another object. */
final class HeldLock extends AbstractSimpleLock {

    private static final Logger log = LoggerFactory.getLogger(HeldLock.class);

    private final LockHandle handle;

    HeldLock(LockConfiguration configuration, LockHandle handle) {
        super(configuration);
        this.handle = handle;
    }

    @Override
    protected void doUnlock() {
        handle.release();
        // Nobody else tells the task's owner: ShedLock does not ask during the run.
        handle.loss()
                .ifPresent(loss -> log.warn(
                        "The task with lock '{}' ran on after the lock was lost ({}), maybe beside another run",
                        handle.name(),
                        loss.detail()));
    }

    @Override
    protected Optional<SimpleLock> doExtend(LockConfiguration configuration) {
        Caps caps = Caps.of(configuration);
        return handle.extend(caps.maxHold(), caps.holdAtLeast())
                ? Optional.of(new HeldLock(configuration, handle))
                : Optional.empty();
    }
}
