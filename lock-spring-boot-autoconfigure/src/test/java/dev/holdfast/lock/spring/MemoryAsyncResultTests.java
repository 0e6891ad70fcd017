package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.memory.MemoryLockRegistry;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class MemoryAsyncResultTests extends AsyncResultStoreTests {

    private @Nullable LockRegistry registry;

    @Override
    ApplicationContextRunner store(ApplicationContextRunner runner) {
        LockRegistry created = MemoryLockRegistry.create();
        registry = created;
        return runner.withBean(LockRegistry.class, () -> created);
    }

    /** Nobody else can reach this store. */
    @Override
    void takeAway(String name) {
        Objects.requireNonNull(registry).close();
    }
}
