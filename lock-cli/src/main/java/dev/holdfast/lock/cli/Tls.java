package dev.holdfast.lock.cli;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The three files of {@code etcdctl}: CA of the servers, own certificate and its key; each may be missing. */
record Tls(
        @Nullable String caCertificate,
        @Nullable String certificate,
        @Nullable String key) {

    Tls {
        if ((certificate == null) != (key == null)) {
            throw CliException.usage(
                    certificate == null
                            ? "--key is given, but --cert is not; give both or neither"
                            : "--cert is given, but --key is not; give both or neither");
        }
    }

    private boolean given() {
        return caCertificate != null || certificate != null;
    }

    /** Endpoints without a scheme, as {@code etcdctl} takes them, get one. */
    List<String> urls(List<String> endpoints) {
        List<String> urls = endpoints.stream()
                .map(each -> each.contains("://") ? each : (given() ? "https://" : "http://") + each)
                .toList();
        if (given() && urls.stream().anyMatch(url -> url.startsWith("http://"))) {
            throw CliException.usage(
                    "files for TLS are given (--cacert, --cert or their variables), but an endpoint of " + urls
                            + " is plain http://; write https://, or leave out the files");
        }
        return urls;
    }

    /** Null if the endpoints are plain. */
    @Nullable
    SslContext context(List<String> urls) {
        if (urls.stream().noneMatch(url -> url.startsWith("https://"))) {
            return null;
        }
        try {
            SslContextBuilder builder = GrpcSslContexts.forClient();
            if (caCertificate != null) {
                builder.trustManager(readable("--cacert", caCertificate));
            }
            if (certificate != null && key != null) {
                builder.keyManager(
                        PrivateKeys.read(readable("--key", key).toPath()), chain(readable("--cert", certificate)));
            }
            return builder.build();
        } catch (IllegalArgumentException | GeneralSecurityException | IOException unusable) {
            throw new CliException(ExitCode.USAGE, "cannot use the files for TLS: " + unusable.getMessage(), unusable);
        }
    }

    private static X509Certificate[] chain(File file) throws IOException, GeneralSecurityException {
        try (var in = Files.newInputStream(file.toPath())) {
            Collection<?> certificates = CertificateFactory.getInstance("X.509").generateCertificates(in);
            return certificates.toArray(new X509Certificate[0]);
        }
    }

    private static File readable(String option, String name) {
        Path file = Path.of(name);
        if (!Files.isReadable(file)) {
            throw CliException.usage(option + " is '" + name + "', which cannot be read");
        }
        return file.toFile();
    }
}
