package dev.holdfast.lock.etcd;

import dev.holdfast.lock.HandOver;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.ReleaseMode;
import dev.holdfast.lock.engine.EngineOptions;
import dev.holdfast.lock.engine.LockEngine;
import dev.holdfast.lock.engine.Owner;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes lock registries on etcd. */
public final class EtcdLockRegistry {

    private EtcdLockRegistry() {}

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Collects what is to be known about etcd and the locks. Not thread-safe. What cannot work is refused by the setter or by
     * {@link #build()} with an {@link IllegalArgumentException} that names the argument, its value and what to do.
     */
    public static final class Builder {

        private static final Logger log = LoggerFactory.getLogger(EtcdLockRegistry.class);
        private static final Duration LONGEST_REQUEST = Duration.ofSeconds(60);

        private final List<LockListener> listeners = new ArrayList<>();
        private List<String> endpoints = List.of("http://localhost:2379");
        private @Nullable String username;
        private @Nullable String password;
        private @Nullable Supplier<EtcdCredentials> credentials;
        private @Nullable ReloadableSslContext certificates;
        private String namespace = "";
        private UnaryOperator<ClientBuilder> clientCustomizer = UnaryOperator.identity();
        private boolean failFast = true;
        private EngineOptions engine = EngineOptions.defaults();

        private Builder() {}

        /** Client URLs of the members, all http or all https; default {@code http://localhost:2379}. */
        public Builder endpoints(String... endpoints) {
            return endpoints(List.of(endpoints));
        }

        /** As {@link #endpoints(String...)}. */
        public Builder endpoints(List<String> endpoints) {
            this.endpoints = List.copyOf(endpoints);
            return this;
        }

        /** Needs a {@link #password(String)}; default: no authentication. */
        public Builder username(@Nullable String username) {
            this.username = username;
            return this;
        }

        public Builder password(@Nullable String password) {
            this.password = password;
            return this;
        }

        /**
         * For a user or a password that changes while the registry runs; instead of {@link #username(String)} and
         * {@link #password(String)}. Asked once by {@link #build()}, and anew for each login: etcd's tokens end with a change of the
         * password, and otherwise some minutes after their last use. Called on a thread of its own; what it throws counts as no answer
         * of etcd, and it is asked again. An {@link IllegalArgumentException} that {@link #build()} meets is thrown as it is.
         */
        public Builder credentials(@Nullable Supplier<EtcdCredentials> credentials) {
            this.credentials = credentials;
            return this;
        }

        /** For https endpoints: made with {@code io.grpc.netty.GrpcSslContexts.forClient()}. */
        public Builder sslContext(@Nullable SslContext sslContext) {
            this.certificates = sslContext == null ? null : new ReloadableSslContext(sslContext);
            return this;
        }

        /** As {@link #sslContext(SslContext)}, for certificates that change while the registry runs. */
        public Builder reloadableSslContext(@Nullable ReloadableSslContext certificates) {
            this.certificates = certificates;
            return this;
        }

        /** Put before every key, as jetcd and etcd's namespaces do; default empty. */
        public Builder namespace(String namespace) {
            this.namespace = EngineOptions.checkedKey("namespace", namespace);
            if (namespace.equals("/")) {
                throw new IllegalArgumentException(
                        "namespace is \"/\", which jetcd takes for none; leave it empty, or give for example \"team-a/\"");
            }
            return this;
        }

        /** Start of every key, ends with {@code /}; default {@code locks/}. */
        public Builder keyPrefix(String keyPrefix) {
            engine = engine.withKeyPrefix(keyPrefix);
            return this;
        }

        /** Whether {@code /} and {@code %} in names are percent-encoded; false to share names with Go programs; default true. */
        public Builder encodeNames(boolean encodeNames) {
            engine = engine.withEncodeNames(encodeNames);
            return this;
        }

        /** Options of a lock that states none. */
        public Builder defaults(LockOptions defaults) {
            engine = engine.withLockDefaults(defaults);
            return this;
        }

        /** Name of this application, for those who inspect a lock; default {@code unknown}. */
        public Builder owner(String application) {
            engine = engine.withOwner(Owner.local(application));
            return this;
        }

        /** Adds a listener. */
        public Builder listener(LockListener listener) {
            listeners.add(listener);
            return this;
        }

        /** Longest wait for one answer of etcd, where the TTL does not ask for less; default 2 s. */
        public Builder requestTimeout(Duration requestTimeout) {
            if (requestTimeout.compareTo(LONGEST_REQUEST) > 0) {
                throw new IllegalArgumentException(
                        "requestTimeout is " + requestTimeout + "; give at most " + LONGEST_REQUEST.toSeconds() + " s");
            }
            engine = engine.withRequestTimeout(requestTimeout);
            return this;
        }

        /** Longest time {@code close} takes; default 5 s. */
        public Builder closeTimeout(Duration closeTimeout) {
            engine = engine.withCloseTimeout(closeTimeout);
            return this;
        }

        /** How locks are passed on inside this process; default {@link HandOver#defaults()}. */
        public Builder handOver(HandOver handOver) {
            engine = engine.withHandOver(handOver);
            return this;
        }

        /** Whether a release waits for etcd's confirmation; default {@link ReleaseMode#SYNC}. */
        public Builder release(ReleaseMode release) {
            engine = engine.withRelease(release);
            return this;
        }

        /**
         * Whether {@link #build()} fails when etcd cannot be used (default); otherwise it only logs a warning, and the locks work from
         * when etcd does.
         */
        public Builder failFast(boolean failFast) {
            this.failFast = failFast;
            return this;
        }

        /**
         * Runs listeners and completes users' futures; default: daemon threads of the registry. Must run tasks on threads of its own and
         * not block in {@code execute}, which the threads that renew leases call.
         */
        public Builder callbackExecutor(Executor callbackExecutor) {
            engine = engine.withCallbackExecutor(callbackExecutor);
            return this;
        }

        /** Whether operations on different locks that come at the same time travel as one request; default true. */
        public Builder batching(boolean batching) {
            engine = engine.withBatching(batching);
            return this;
        }

        /** Has the last word on jetcd's settings, for every client made; jetcd's retries should stay off. */
        public Builder clientCustomizer(UnaryOperator<ClientBuilder> customizer) {
            UnaryOperator<ClientBuilder> before = clientCustomizer;
            clientCustomizer = builder -> customizer.apply(before.apply(builder));
            return this;
        }

        /**
         * A jetcd client with the same settings, for the user's own requests; the caller closes it. Opens no connection. Requests
         * fail at once while etcd is out of reach, are not repeated, and have no deadline: bound each yourself. Keeps the certificates
         * it was made with.
         */
        public Client buildClient() {
            return settings().clientBuilder().build();
        }

        /**
         * Asks etcd once, and takes 5 s at most.
         *
         * @throws LockUnavailableException if etcd cannot be used and {@link #failFast(boolean)} is on; the message says what to do
         */
        public LockRegistry build() {
            return LockEngine.onSystemTime(connect(), engineOptions());
        }

        private EngineOptions engineOptions() {
            return engine.withListeners(listeners);
        }

        EtcdStore connect() {
            ConnectionSettings settings = settings();
            EtcdStore store = new EtcdStore(settings, certificates);
            LockUnavailableException findings = new StartupCheck(settings).findings(store);
            if (findings == null) {
                return store;
            }
            if (failFast) {
                store.close();
                throw findings;
            }
            log.warn("Starting without etcd; locks will work when it does. {}", findings.getMessage());
            return store;
        }

        private ConnectionSettings settings() {
            Endpoints checked = Endpoints.parse(endpoints);
            if (checked.tls() && certificates == null) {
                throw new IllegalArgumentException(
                        "endpoints " + checked
                                + " are https, but there is no sslContext; give one (GrpcSslContexts.forClient()), or use http");
            }
            if (!checked.tls() && certificates != null) {
                throw new IllegalArgumentException(
                        "endpoints " + checked + " are http, but there is an sslContext; use https, or remove it");
            }
            return new ConnectionSettings(
                    checked,
                    login(),
                    certificates == null ? null : certificates.current(),
                    namespace,
                    engine.keyPrefix(),
                    engine.requestTimeout(),
                    clientCustomizer);
        }

        private @Nullable Login login() {
            checkCredentials();
            if (credentials != null) {
                return new Login(credentials, engine.requestTimeout());
            }
            if (username == null || password == null) {
                return null;
            }
            EtcdCredentials fixed = new EtcdCredentials(username, password);
            return new Login(() -> fixed, engine.requestTimeout());
        }

        private void checkCredentials() {
            if (credentials != null && (username != null || password != null)) {
                throw new IllegalArgumentException(
                        "username is set, but credentials are given too; give a user and a password, or credentials that change");
            }
            if (username == null && password != null) {
                throw new IllegalArgumentException("password is set, but username is not; give both or neither");
            }
            if (username != null && username.isBlank()) {
                throw new IllegalArgumentException("username is blank; give a name, or neither username nor password");
            }
            if (username != null && (password == null || password.isEmpty())) {
                throw new IllegalArgumentException(
                        "username is \"" + username + "\", but password is not set; give both or neither");
            }
        }
    }
}
