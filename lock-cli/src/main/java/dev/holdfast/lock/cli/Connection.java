package dev.holdfast.lock.cli;

import dev.holdfast.lock.LockRegistry;
import java.util.concurrent.CompletableFuture;

/** A registry for the rest of this process, which ends when it is closed: so closing waits for what matters to others and for no more. */
record Connection(LockRegistry registry, Revocation revocation) implements AutoCloseable {

    /** Returns when nothing of ours is left in etcd, or after the close timeout. */
    @Override
    public void close() {
        boolean one = registry.status().sessions().size() == 1;
        CompletableFuture<Void> revoked = revocation.next();
        CompletableFuture<Void> closed = Background.call("close", () -> {
            registry.close();
            return null;
        });
        if (one) {
            CompletableFuture.anyOf(closed, revoked).join();
        } else {
            closed.join();
        }
    }
}
