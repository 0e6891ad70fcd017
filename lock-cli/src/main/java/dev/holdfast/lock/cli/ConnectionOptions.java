package dev.holdfast.lock.cli;

import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.etcd.EtcdLockRegistry;
import dev.holdfast.lock.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which etcd, as whom, and where the locks lie there. What is not given comes from the variables of {@code etcdctl}. */
final class ConnectionOptions {

    private static final String DEFAULT_ENDPOINT = "http://localhost:2379";

    /** Between two attempts to reach etcd at the start. */
    private static final Duration PAUSE = Duration.ofMillis(250);

    private final Map<String, String> environment;

    @Option(
            names = "--endpoints",
            paramLabel = "URL",
            description =
                    "client URLs of etcd's members, comma-separated (ETCDCTL_ENDPOINTS; " + DEFAULT_ENDPOINT + ")")
    private List<String> endpoints = new ArrayList<>();

    @Option(names = "--cacert", paramLabel = "FILE", description = "CA of the servers, PEM (ETCDCTL_CACERT)")
    private @Nullable String caCertificate;

    @Option(names = "--cert", paramLabel = "FILE", description = "client certificate, PEM (ETCDCTL_CERT)")
    private @Nullable String certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "key of the client certificate, PEM (ETCDCTL_KEY)")
    private @Nullable String key;

    @Option(
            names = "--user",
            paramLabel = "NAME[:PASSWORD]",
            description = "user of etcd (ETCDCTL_USER); others on this machine can see what you write here")
    private @Nullable String user;

    @Option(names = "--password", paramLabel = "TEXT", description = "password of the user (ETCDCTL_PASSWORD)")
    private @Nullable String password;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "how long etcd may not answer at the start (default: 5s)")
    private Duration timeout = Duration.ofSeconds(5);

    @Option(
            names = "--prefix",
            paramLabel = "TEXT",
            description = "what the keys of locks start with, ends with / (default: locks/)")
    private String keyPrefix = "locks/";

    @Option(names = "--namespace", paramLabel = "TEXT", description = "put before every key (default: nothing)")
    private String namespace = "";

    @Option(
            names = "--raw-names",
            description = "do not encode / and %% in names: for names shared with other programs")
    private boolean rawNames;

    @Option(names = "--verbose", description = "log to standard error, with stack traces")
    private boolean verbose;

    ConnectionOptions() {
        this(System.getenv());
    }

    ConnectionOptions(Map<String, String> environment) {
        this.environment = environment;
    }

    boolean verbose() {
        return verbose;
    }

    Duration timeout() {
        return timeout;
    }

    /** The key of a session's first entry on a name, as etcd has it. */
    String key(String name, String lease) {
        String encoded = rawNames ? name : name.replace("%", "%25").replace("/", "%2F");
        return namespace + keyPrefix + encoded + "/" + lease;
    }

    /**
     * Connects; tries again while etcd is out of reach, until the timeout.
     *
     * @throws LockUnavailableException if it could not be used in time
     * @throws IllegalArgumentException if the options cannot work
     */
    Connection open(LockOptions defaults) {
        Logging.configure(verbose);
        Preload.await();
        Revocation revocation = new Revocation();
        EtcdLockRegistry.Builder builder = builder()
                .owner("holdfast")
                .defaults(defaults)
                .clientCustomizer(client -> client.interceptor(revocation));
        long end = System.nanoTime() + timeout.toNanos();
        while (true) {
            try {
                return new Connection(attempt(builder, end - System.nanoTime()), revocation);
            } catch (LockUnavailableException unavailable) {
                if (!worthRepeating(unavailable) || end - System.nanoTime() < PAUSE.toNanos()) {
                    throw unavailable;
                }
            }
            try {
                TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", interrupted);
            }
        }
    }

    /** The same beside the caller, who can go on when a signal comes. */
    Connection open(LockOptions defaults, Signals signals) throws Signalled, InterruptedException {
        return signals.await(Background.call("connect", () -> open(defaults)));
    }

    EtcdLockRegistry.Builder builder() {
        Tls tls = new Tls(
                orVariable(caCertificate, "ETCDCTL_CACERT"),
                orVariable(certificate, "ETCDCTL_CERT"),
                orVariable(key, "ETCDCTL_KEY"));
        List<String> urls = tls.urls(endpointTexts());
        Credentials credentials = credentials();
        return EtcdLockRegistry.builder()
                .endpoints(urls)
                .sslContext(tls.context(urls))
                .username(credentials.user())
                .password(credentials.password())
                .keyPrefix(keyPrefix)
                .namespace(namespace)
                .encodeNames(!rawNames)
                .requestTimeout(min(timeout, Duration.ofSeconds(2)))
                .closeTimeout(min(timeout, Duration.ofSeconds(5)));
    }

    private LockRegistry attempt(EtcdLockRegistry.Builder builder, long nanos) {
        CompletableFuture<LockRegistry> attempt = Background.call("attempt", builder::build);
        try {
            return attempt.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            attempt.thenAccept(LockRegistry::close);
            throw new LockUnavailableException(
                    "", "no answer of etcd at " + endpointTexts() + " within " + timeout.toMillis() + " ms", late);
        } catch (java.util.concurrent.ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException runtime) {
                throw runtime;
            }
            throw new IllegalStateException(failed.getCause());
        } catch (InterruptedException interrupted) {
            attempt.thenAccept(LockRegistry::close);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }

    /** Another answer can be hoped for only if there was none. */
    private static boolean worthRepeating(LockUnavailableException unavailable) {
        return unavailable.getCause() instanceof StoreException failure
                && !failure.kind().definite();
    }

    private List<String> endpointTexts() {
        if (!endpoints.isEmpty()) {
            return named("--endpoints", endpoints.stream());
        }
        String given = orVariable(null, "ETCDCTL_ENDPOINTS");
        return given == null ? List.of(DEFAULT_ENDPOINT) : named("ETCDCTL_ENDPOINTS", Stream.of(given));
    }

    private static List<String> named(String where, Stream<String> texts) {
        List<String> named = texts.flatMap(text -> Stream.of(text.split(",")))
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .toList();
        if (named.isEmpty()) {
            throw CliException.usage(where + " names no endpoint; write http://HOST:2379, or more with commas");
        }
        return named;
    }

    private record Credentials(
            @Nullable String user, @Nullable String password) {}

    private Credentials credentials() {
        String given = orVariable(user, "ETCDCTL_USER");
        String secret = orVariable(password, "ETCDCTL_PASSWORD");
        if (given == null) {
            return new Credentials(null, password);
        }
        int colon = given.indexOf(':');
        if (colon >= 0) {
            String name = given.substring(0, colon);
            // What belongs to an option wins over a variable.
            boolean own = secret == null || (user != null && password == null);
            return new Credentials(name, own ? given.substring(colon + 1) : secret);
        }
        if (secret == null) {
            throw CliException.usage(
                    "user '" + given + "' has no password; write ETCDCTL_USER=name:password or set ETCDCTL_PASSWORD");
        }
        return new Credentials(given, secret);
    }

    private @Nullable String orVariable(@Nullable String option, String variable) {
        if (option != null) {
            return option;
        }
        String value = environment.get(variable);
        return value == null || value.isBlank() ? null : value;
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
