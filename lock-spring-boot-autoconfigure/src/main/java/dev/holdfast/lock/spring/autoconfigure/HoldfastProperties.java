package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.ReleaseMode;
import dev.holdfast.lock.engine.EngineOptions;
import dev.holdfast.lock.spring.InsideTransaction;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Configuration properties for distributed locks.
 *
 * @param enabled Whether locks are configured at all. If not, methods annotated with @DistributedLock run without a lock, and a warning
 *     names them.
 * @param store Where locks are kept.
 * @param keyPrefix Start of every key in etcd.
 * @param encodeNames Whether '/' and '%' in lock names are percent-encoded, so that the locks 'a' and 'a/b' never meet. Switch it off
 *     only to share names containing '/' with other clients.
 * @param ttl How long a lock outlives a holder that died, unless the lock states its own. Whole seconds, from 5s to 300s.
 * @param waitTime How long to wait for a busy lock, unless the lock states its own.
 * @param longWait From which wait on an acquired lock is reported by a LockLongWaitEvent. 0s: never.
 * @param release Whether the release of a lock waits until etcd has confirmed it.
 * @param handOver How locks are passed on from one caller of this process to the next without asking etcd.
 * @param shutdownTimeout How long a shutdown waits for locks to be released before it takes them away.
 * @param failFast Whether the start fails when etcd cannot be used. If not, locks are unavailable until it can.
 * @param order Order of the lock advisor. It must precede the transaction advisor, so that a transaction is committed before its lock
 *     is released.
 * @param insideTransaction What happens when an annotated method takes its lock while a transaction runs on its thread: the lock would be
 *     released before that transaction commits.
 * @param batching How requests to etcd are put together.
 * @param etcd How to reach etcd.
 */
@ConfigurationProperties("holdfast")
public record HoldfastProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("etcd") Store store,
        @DefaultValue("locks/") String keyPrefix,
        @DefaultValue("true") boolean encodeNames,
        @DefaultValue("30s") Duration ttl,
        @DefaultValue("10s") Duration waitTime,
        @DefaultValue("5s") Duration longWait,
        @DefaultValue("sync") ReleaseMode release,
        @DefaultValue HandOver handOver,
        @DefaultValue("10s") Duration shutdownTimeout,
        @DefaultValue("true") boolean failFast,
        @DefaultValue("2147483637") int order,
        @DefaultValue("warn") InsideTransaction insideTransaction,
        @DefaultValue Batching batching,
        @DefaultValue Etcd etcd) {

    private static final String DURATION_ADVICE =
            "Give a duration in that range, with a unit as in 30s; a number alone means milliseconds";

    /** Options of a lock that states none. */
    LockOptions lockDefaults() {
        LockOptions defaults =
                checked("holdfast.ttl", ttl, () -> LockOptions.defaults().withTtl(ttl));
        return checked("holdfast.wait-time", waitTime, () -> defaults.withWaitTime(waitTime));
    }

    String keyPrefixChecked() {
        return checked(
                "holdfast.key-prefix",
                keyPrefix,
                "Correct holdfast.key-prefix as the reason says",
                () -> EngineOptions.defaults().withKeyPrefix(keyPrefix).keyPrefix());
    }

    Duration longWaitChecked() {
        if (longWait.isNegative()) {
            throw new HoldfastConfigurationException(
                    "holdfast.long-wait",
                    longWait.toString(),
                    "it is negative",
                    "Give a duration, or 0s for no events",
                    null);
        }
        return longWait;
    }

    /** How the registry passes locks on. */
    dev.holdfast.lock.HandOver passingOn() {
        dev.holdfast.lock.HandOver defaults = dev.holdfast.lock.HandOver.defaults();
        checked(
                "holdfast.hand-over.max-count",
                handOver.maxCount(),
                "Give at least 1, or set holdfast.hand-over.enabled=false",
                () -> new dev.holdfast.lock.HandOver(handOver.enabled(), handOver.maxCount(), defaults.maxTime()));
        return checked(
                "holdfast.hand-over.max-time",
                handOver.maxTime(),
                DURATION_ADVICE,
                () -> new dev.holdfast.lock.HandOver(handOver.enabled(), handOver.maxCount(), handOver.maxTime()));
    }

    private static LockOptions checked(String property, Duration value, Supplier<LockOptions> options) {
        return checked(property, value, DURATION_ADVICE, options);
    }

    private static <T> T checked(String property, Object value, String advice, Supplier<T> options) {
        try {
            return options.get();
        } catch (IllegalArgumentException outOfRange) {
            throw new HoldfastConfigurationException(
                    property, value.toString(), String.valueOf(outOfRange.getMessage()), advice, outOfRange);
        }
    }

    /** Where locks are kept. */
    public enum Store {
        /** In etcd: locks hold across processes. */
        ETCD,
        /** In this process: for development and tests. */
        MEMORY
    }

    /**
     * Passing locks on inside this process.
     *
     * @param enabled Whether an exclusive lock goes to the next caller of this process without asking etcd.
     * @param maxCount How often in a row at most while other processes wait for the lock.
     * @param maxTime How long in a row at most while other processes may wait for the lock, 1ms to 1s.
     */
    public record HandOver(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("64") int maxCount,
            @DefaultValue("10ms") Duration maxTime) {}

    /**
     * Requests to etcd.
     *
     * @param enabled Whether operations on different locks that come at the same time travel as one request.
     */
    public record Batching(@DefaultValue("true") boolean enabled) {}

    /**
     * Connection to etcd.
     *
     * @param endpoints Client URLs of the members, all http or all https.
     * @param username User to log in as.
     * @param password Password of the user.
     * @param ssl TLS.
     * @param namespace Prefix put before every key by the client, as in etcd's own namespaces. Names of other clients must match it.
     * @param requestTimeout Longest wait for one answer.
     */
    public record Etcd(
            @DefaultValue("http://localhost:2379") List<String> endpoints,
            @Nullable String username,
            @Nullable String password,
            @DefaultValue Ssl ssl,
            @Nullable String namespace,
            @DefaultValue("2s") Duration requestTimeout) {

        /** Never shows the password. */
        @Override
        public String toString() {
            return "Etcd[endpoints=" + endpoints + ", username=" + username + ", ssl=" + ssl + "]";
        }
    }

    /**
     * TLS.
     *
     * @param bundle Name of the SSL bundle (spring.ssl.bundle.*) with the trusted certificates and, for mutual TLS, the client's key.
     */
    public record Ssl(@Nullable String bundle) {}
}
