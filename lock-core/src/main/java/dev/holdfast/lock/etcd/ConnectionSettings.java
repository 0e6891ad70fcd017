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
 * @param username null: no authentication
 * @param password set if and only if {@code username} is
 * @param sslContext set if and only if the endpoints are https
 * @param keyPrefix where the locks live; read to find out whether etcd answers
 * @param timeout deadline of jetcd's own calls, login above all
 */
record ConnectionSettings(
        Endpoints endpoints,
        @Nullable String username,
        @Nullable String password,
        @Nullable SslContext sslContext,
        String namespace,
        String keyPrefix,
        Duration timeout,
        UnaryOperator<ClientBuilder> customizer) {

    /** Whether etcd may take us for a user: by password, or by the name in a client certificate. */
    boolean mayHaveUser() {
        return username != null || sslContext != null;
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
        if (username != null && password != null) {
            builder.user(ByteSequence.from(username, StandardCharsets.UTF_8))
                    .password(ByteSequence.from(password, StandardCharsets.UTF_8));
        }
        if (sslContext != null) {
            builder.sslContext(sslContext);
        }
        return customizer.apply(builder);
    }

    /** Never shows the password. */
    @Override
    public String toString() {
        return "etcd at " + endpoints + (username == null ? "" : " as user " + username);
    }
}
