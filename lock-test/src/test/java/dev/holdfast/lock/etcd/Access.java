package dev.holdfast.lock.etcd;

import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.TestCertificates;
import io.grpc.netty.GrpcSslContexts;
import java.util.List;
import javax.net.ssl.SSLException;

/** The ways to an etcd. Tokens live so short that a test sees many of them. */
enum Access {
    PLAIN,
    TLS,
    SIMPLE_TOKENS,
    JWT;

    /** The lifetime of a token is counted in these. */
    static final int SIMPLE_SECONDS = 2;

    static final int JWT_SECONDS = 4;

    static final String ROOT = "root:rootpw";

    EtcdServer start(EtcdServer.Builder builder, TestCertificates certificates) {
        switch (this) {
            case PLAIN -> {}
            case TLS ->
                builder.tls(
                        certificates.file("server.crt"), certificates.file("server.key"), certificates.file("ca.crt"));
            case SIMPLE_TOKENS -> builder.args("--auth-token=simple", "--auth-token-ttl=" + SIMPLE_SECONDS);
            case JWT ->
                builder.args("--auth-token=jwt,sign-method=RS256,pub-key=" + certificates.file("server.crt")
                        + ",priv-key=" + certificates.file("server.key") + ",ttl=" + JWT_SECONDS + "s");
        }
        EtcdServer etcd = builder.start();
        if (password()) {
            etcd.etcdctl("user", "add", ROOT);
            etcd.etcdctl("user", "grant-role", "root", "root");
            addUser(etcd, "app", "locks/");
            addUser(etcd, "other", "other/");
            etcd.etcdctl("auth", "enable");
        }
        return etcd;
    }

    private static void addUser(EtcdServer etcd, String user, String prefix) {
        etcd.etcdctl("role", "add", user);
        etcd.etcdctl("role", "grant-permission", user, "--prefix=true", "readwrite", prefix);
        etcd.etcdctl("user", "add", user + ":s3cret");
        etcd.etcdctl("user", "grant-role", user, user);
    }

    private boolean password() {
        return this == SIMPLE_TOKENS || this == JWT;
    }

    EtcdLockRegistry.Builder registry(EtcdServer etcd, TestCertificates certificates) {
        EtcdLockRegistry.Builder builder = TestStores.builder(List.of(etcd.endpoint()));
        if (password()) {
            builder.username("app").password("s3cret");
        }
        if (this == TLS) {
            try {
                builder.sslContext(GrpcSslContexts.forClient()
                        .trustManager(certificates.file("ca.crt").toFile())
                        .keyManager(
                                certificates.file("client.crt").toFile(),
                                certificates.file("client.key").toFile())
                        .build());
            } catch (SSLException failed) {
                throw new IllegalStateException(failed);
            }
        }
        return builder;
    }
}
