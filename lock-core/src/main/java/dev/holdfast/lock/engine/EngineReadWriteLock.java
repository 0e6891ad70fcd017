package dev.holdfast.lock.engine;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.ReadWriteLeaseLock;

/** The shared and the exclusive lock of one name. */
record EngineReadWriteLock(EngineLock shared, EngineLock exclusive) implements ReadWriteLeaseLock {

    @Override
    public String name() {
        return shared.name();
    }

    @Override
    public LeaseLock readLock() {
        return shared;
    }

    @Override
    public LeaseLock writeLock() {
        return exclusive;
    }

    @Override
    public LockHandle downgrade(LockHandle writeHold) {
        if (writeHold instanceof Hold hold && hold.isOf(exclusive)) {
            return hold.downgrade();
        }
        throw new IllegalArgumentException(writeHold + " is no write hold of lock '" + name()
                + "' made by this registry; give one of writeLock() that is still held");
    }

    @Override
    public String toString() {
        return "ReadWriteLeaseLock[" + name() + "]";
    }
}
