package dev.holdfast.lock.memory;

/**
 * Changes how a registry in memory is made, after everything else was set. With Spring, beans of this type are applied in order where
 * {@code holdfast.store=memory}; the test kit puts the registry on a clock and a network under control this way.
 */
@FunctionalInterface
public interface MemoryLockRegistryCustomizer {

    void customize(MemoryLockRegistry.Builder builder);
}
