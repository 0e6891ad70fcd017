/** An etcd that Testcontainers or Docker Compose started, as {@code EtcdConnectionDetails}. */
@NullMarked
package dev.holdfast.lock.spring.connection;

import org.jspecify.annotations.NullMarked;
