package dev.holdfast.lock.cli;

import dev.holdfast.lock.LockRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A registry for the rest of this process, which ends when it is closed: so closing waits for what matters to others and for no more. */
final class Connection implements AutoCloseable {

    /** Of a close after a loss. */
    private static final Duration HURRY = Duration.ofMillis(300);

    private final LockRegistry registry;
    private final Revocation revocation;
    private volatile Duration patience = DurationConverter.LONGEST;

    Connection(LockRegistry registry, Revocation revocation) {
        this.registry = registry;
        this.revocation = revocation;
    }

    LockRegistry registry() {
        return registry;
    }

    /** What it held is lost: others get it whether we have left etcd or not, and take us for gone when our process ends. */
    void lost() {
        patience = HURRY;
    }

    /** Returns when nothing of ours is left in etcd, or after the close timeout. */
    @Override
    public void close() {
        boolean one = registry.status().sessions().size() == 1;
        CompletableFuture<Void> revoked = revocation.next();
        CompletableFuture<Void> closed = Background.call("close", () -> {
            registry.close();
            return null;
        });
        CompletableFuture<?> enough = one ? CompletableFuture.anyOf(closed, revoked) : closed;
        enough.completeOnTimeout(null, patience.toNanos(), TimeUnit.NANOSECONDS).join();
    }
}
