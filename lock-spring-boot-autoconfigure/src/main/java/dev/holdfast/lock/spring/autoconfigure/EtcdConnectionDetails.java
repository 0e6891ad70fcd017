package dev.holdfast.lock.spring.autoconfigure;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import org.springframework.boot.ssl.SslBundle;

/**
 * Where etcd is and how to log in. A bean of this type replaces {@code holdfast.etcd.endpoints}, {@code username}, {@code password} and
 * {@code ssl}.
 *
 * <p>{@link #username()} and {@link #password()} are asked anew for each login, on a thread of its own, so they may change while the
 * application runs; an exception counts as no answer of etcd. Whether there is a user at all is settled at the start.
 */
public interface EtcdConnectionDetails extends ConnectionDetails {

    /** Client URLs of the members, all http or all https. */
    List<String> endpoints();

    /** Null: no authentication. */
    default @Nullable String username() {
        return null;
    }

    default @Nullable String password() {
        return null;
    }

    /** Null: no TLS. */
    default @Nullable SslBundle sslBundle() {
        return null;
    }

    /**
     * Has the handler told of each bundle that takes the place of {@link #sslBundle()}; the locks then connect anew, and none is lost.
     * Default: the bundle does not change.
     */
    default void addSslBundleUpdateHandler(Consumer<SslBundle> handler) {}
}
