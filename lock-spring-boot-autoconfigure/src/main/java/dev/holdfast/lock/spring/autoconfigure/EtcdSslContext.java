package dev.holdfast.lock.spring.autoconfigure;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.util.List;
import javax.net.ssl.SSLException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslOptions;

/** Turns an SSL bundle into what gRPC takes. */
final class EtcdSslContext {

    private EtcdSslContext() {}

    static SslContext of(SslBundle bundle) {
        try {
            SslContextBuilder builder = GrpcSslContexts.forClient()
                    .keyManager(bundle.getManagers().getKeyManagerFactory())
                    .trustManager(bundle.getManagers().getTrustManagerFactory());
            SslOptions options = bundle.getOptions();
            if (options.getCiphers() != null) {
                builder.ciphers(List.of(options.getCiphers()));
            }
            if (options.getEnabledProtocols() != null) {
                builder.protocols(options.getEnabledProtocols());
            }
            return builder.build();
        } catch (SSLException | RuntimeException unusable) {
            throw new HoldfastConfigurationException(
                    "holdfast.etcd.ssl.bundle",
                    "(SSL bundle)",
                    "no TLS connection can be made with it: " + unusable.getMessage(),
                    "Check its certificates, key, ciphers and protocols",
                    unusable);
        }
    }
}
