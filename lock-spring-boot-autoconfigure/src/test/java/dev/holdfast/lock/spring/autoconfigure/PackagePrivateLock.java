package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.spring.DistributedLock;

/** What a subclass of another package cannot override. */
public abstract class PackagePrivateLock {

    @DistributedLock
    void run() {}
}
