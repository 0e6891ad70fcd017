package dev.holdfast.lock.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.netty.handler.ssl.SslContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How to reach etcd.
 *
 * @param login null: no authentication
 * @param sslContext set if and only if the endpoints are https
 * @param keyPrefix where the locks live; read to find out whether etcd answers
 * @param timeout deadline of jetcd's own calls, login above all
 */
record ConnectionSettings(
        Endpoints endpoints,
        @Nullable Login login,
        @Nullable SslContext sslContext,
        String namespace,
        String keyPrefix,
        Duration timeout,
        UnaryOperator<ClientBuilder> customizer) {

    /** Whether etcd may take us for a user: by password, or by the name in a client certificate. */
    boolean mayHaveUser() {
        return login != null || sslContext != null;
    }

    ClientBuilder clientBuilder() {
        ClientBuilder builder = Client.builder()
                .target(endpoints.target())
                .waitForReady(false)
                .retryMaxAttempts(0)
                .connectTimeout(Duration.ofSeconds(3))
                .keepaliveTime(Duration.ofSeconds(10))
                .keepaliveTimeout(Duration.ofSeconds(4))
                // etcd counts pings without a running call as abuse and drops the connection.
                .keepaliveWithoutCalls(false)
                .loadBalancerPolicy(AnsweringMembers.policy())
                .maxInboundMessageSize(32 << 20)
                .namespace(ByteSequence.from(namespace, StandardCharsets.UTF_8));
        if (sslContext != null) {
            builder.sslContext(sslContext);
        }
        ClientBuilder customized = customizer.apply(builder);
        return login == null ? customized : login.addTo(customized);
    }

    ConnectionSettings withSslContext(SslContext other) {
        return new ConnectionSettings(endpoints, login, other, namespace, keyPrefix, timeout, customizer);
    }

    /** Never shows the password. */
    @Override
    public String toString() {
        String user = login == null ? null : login.username();
        return "etcd at " + endpoints + (user == null ? "" : " as user " + user);
    }
}
