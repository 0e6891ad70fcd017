package dev.holdfast.lock.etcd;

import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.StoreException.Kind;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks etcd once at the start, so that what is configured wrongly shows there, with a remedy, and the first lock is not slow. */
record StartupCheck(ConnectionSettings settings) {

    private static final Logger log = LoggerFactory.getLogger(StartupCheck.class);

    /**
     * The first request of a JVM loads half a second of classes, and several times that where it has a part of a core; yet what is wrong
     * is told within five seconds.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(4);

    private static final Duration LEAST_PATIENCE = Duration.ofMillis(300);
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final Duration VERSION_PATIENCE = Duration.ofSeconds(1);

    /** What is wrong, and what to do about it; null if the locks can work. */
    @Nullable
    LockUnavailableException findings(EtcdStore store) {
        try {
            StoreException failure = ask(store);
            if (failure != null) {
                return unavailable(failure);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return unavailable(new StoreException(Kind.UNAVAILABLE, "interrupted while waiting for etcd", interrupted));
        }
        try {
            store.status(VERSION_PATIENCE).get(VERSION_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException unknown) {
            log.debug("The version of {} is not known", settings, unknown);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return null;
    }

    /** Again within the time there is, if what failed may have been slowness: a login has less time than this check. */
    private @Nullable StoreException ask(EtcdStore store) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        StoreException first = ask(store, PATIENCE);
        if (first == null || !mayPass(first)) {
            return first;
        }
        while (deadline - System.nanoTime() > LEAST_PATIENCE.toNanos()) {
            log.debug("Asking {} again", settings, first);
            TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
            StoreException next = ask(store, Duration.ofNanos(deadline - System.nanoTime()));
            if (next == null || next.kind().definite()) {
                return next;
            }
        }
        return first;
    }

    private static @Nullable StoreException ask(EtcdStore store, Duration patience) throws InterruptedException {
        try {
            store.probe(patience).get(patience.toMillis() + 500, TimeUnit.MILLISECONDS);
            return null;
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            return StoreException.of(cause == null ? failed : cause);
        } catch (TimeoutException late) {
            return new StoreException(Kind.TIMEOUT, "no answer within " + patience.toSeconds() + " s", late);
        }
    }

    private static boolean mayPass(StoreException failure) {
        String text = String.valueOf(failure.getMessage());
        return failure.kind() == Kind.TIMEOUT
                || text.contains("etcdserver: no leader")
                || text.contains("etcdserver: leader changed")
                || text.contains("etcdserver: request timed out");
    }

    private LockUnavailableException unavailable(StoreException cause) {
        return new LockUnavailableException(
                "", "Cannot use " + settings + ". " + cause.getMessage() + ". " + remedy(cause), cause);
    }

    private String remedy(StoreException cause) {
        String text = String.valueOf(cause.getMessage());
        if (text.contains("authentication failed")) {
            return "Check username and password.";
        }
        if (text.contains("authentication is not enabled")) {
            return "This etcd has no authentication: remove username and password, or enable it (etcdctl auth enable).";
        }
        if (text.contains(Login.UNTOLD)) {
            return "Look at what tells them; its exception is the cause of this one, without its text.";
        }
        if (text.contains("user name is empty")) {
            return "This etcd wants a user: give username and password.";
        }
        return switch (cause.kind()) {
            case PERMISSION_DENIED ->
                "Let the user read and write the keys of the locks: etcdctl role grant-permission <role> readwrite --prefix=true "
                        + settings.namespace() + settings.keyPrefix();
            case UNAUTHENTICATED -> "Check username and password.";
            case TIMEOUT ->
                "Something may listen there without answering: check that it is etcd, that its cluster has a leader (etcdctl"
                        + " endpoint status) and that no firewall drops the packets.";
            default -> settings.endpoints().tls() ? tlsRemedy(text) : plainRemedy(text);
        };
    }

    private static String tlsRemedy(String text) {
        if (text.contains("not an SSL/TLS record")) {
            return "The server does not speak TLS: use http://, or give etcd a certificate.";
        }
        if (text.contains("PKIX") || text.contains("certification path") || text.contains("CertPath")) {
            return "The server's certificate is not signed by a CA the sslContext trusts: give it the CA of etcd.";
        }
        if (text.contains("No subject alternative") || text.contains("No name matching")) {
            return "The server's certificate is for other host names: use one of those as endpoint.";
        }
        if (text.contains("bad_certificate") || text.contains("certificate_required")) {
            return "The server wants a client certificate it trusts: give the sslContext one (keyManager).";
        }
        // The answer of a server without TLS may be overtaken by the end of its connection.
        if (text.contains("TLS negotiation") || text.contains("Connection reset")) {
            return "The server ended the TLS handshake; if it does not speak TLS, use http://, otherwise check the sslContext: CA of the"
                    + " server, and client certificate if etcd wants one.";
        }
        return "Check that etcd runs there, and the sslContext: CA of the server, and client certificate if etcd wants one.";
    }

    private static String plainRemedy(String text) {
        if (text.contains("Connection refused") || text.contains("UnknownHost") || text.contains("unresolved")) {
            return "Check that etcd runs there, and correct the endpoints.";
        }
        return "Check that etcd runs there, and whether it wants TLS: then use https:// and an sslContext.";
    }
}
