package dev.holdfast.lock.faults;

import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.etcd.EtcdLockRegistry;
import java.time.Duration;

/** A process that takes a lock to be held at least so long, gives it back at once, closes its registry and ends. */
final class BriefHolder {

    private BriefHolder() {}

    /** Endpoint, name, seconds. Answers with the times before the request and after the close, and the token. */
    public static void main(String[] args) {
        LockRegistry registry = EtcdLockRegistry.builder()
                .endpoints(args[0])
                .owner("brief-holder")
                .build();
        LockOptions atLeast = LockOptions.defaults().withHoldAtLeast(Duration.ofSeconds(Long.parseLong(args[2])));
        long requested = System.nanoTime();
        long token;
        try (registry) {
            var handle = registry.lock(args[1], atLeast).tryAcquire().orElseThrow();
            token = handle.fencingToken();
            handle.release();
        }
        System.out.println(Worker.ANSWER + " " + requested + " " + System.nanoTime() + " " + token);
    }
}
