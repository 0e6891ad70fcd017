package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.etcd.ReloadableSslContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.SslBundle;

/** Has etcd's certificates follow their SSL bundle, from the first update on, which may come before there are any. Thread-safe. */
final class CertificateUpdates {

    private static final Logger log = LoggerFactory.getLogger(CertificateUpdates.class);

    private @Nullable ReloadableSslContext certificates;
    private @Nullable SslBundle latest;

    synchronized void update(SslBundle bundle) {
        latest = bundle;
        reload();
    }

    synchronized void follow(ReloadableSslContext made) {
        certificates = made;
        reload();
    }

    /** Whoever updates the bundle tells others after us, so nothing may be thrown. */
    private void reload() {
        if (certificates == null || latest == null) {
            return;
        }
        try {
            certificates.reload(EtcdSslContext.of(latest));
        } catch (HoldfastConfigurationException unusable) {
            log.warn(
                    "The updated SSL bundle is not used for etcd, and the one before stays: {}", unusable.getMessage());
        } catch (RuntimeException | Error unexpected) {
            log.warn(
                    "The updated SSL bundle is not used for etcd, and the one before stays. See the reason, then update the"
                            + " bundle again or restart before its certificates expire",
                    unexpected);
        }
    }
}
