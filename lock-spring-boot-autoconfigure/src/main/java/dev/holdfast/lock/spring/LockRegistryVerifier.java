package dev.holdfast.lock.spring;

import org.springframework.beans.factory.SmartInitializingSingleton;

/** Fails the start when it is not clear which registry a locked method uses, or when that one's defaults contradict the method. */
final class LockRegistryVerifier implements SmartInitializingSingleton {

    private final LockedMethods methods;
    private final LockRegistries registries;

    LockRegistryVerifier(LockedMethods methods, LockRegistries registries) {
        this.methods = methods;
        this.registries = registries;
    }

    @Override
    public void afterSingletonsInstantiated() {
        methods.known().forEach(method -> method.verifyOptions(registries.of(method)));
    }
}
