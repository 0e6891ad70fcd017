package dev.holdfast.lock.spring.autoconfigure;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import org.springframework.boot.ssl.SslBundle;

/** Where etcd is and how to log in. A bean of this type replaces {@code holdfast.etcd.endpoints}, {@code username}, {@code password} and {@code ssl}. */
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
}
