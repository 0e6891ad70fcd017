package dev.holdfast.lock.spring.autoconfigure;

import io.etcd.jetcd.ClientBuilder;

/**
 * Changes how connections to etcd are made, both the {@code Client} bean's and the lock registry's, after everything else was set.
 * Beans of this type are applied in order.
 */
@FunctionalInterface
public interface EtcdClientBuilderCustomizer {

    void customize(ClientBuilder builder);
}
