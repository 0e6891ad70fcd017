package dev.holdfast.lock.benchmarks.subject;

import dev.holdfast.lock.benchmarks.server.ServerKind;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/** All subjects by the names they have in the results. */
public enum SubjectKind {
    RAW_PUT("raw-put", ServerKind.ETCD, (address, contended) -> new RawPut(address)),
    JETCD_SHARED("jetcd-lock-shared", ServerKind.ETCD, JetcdLocks::shared),
    JETCD_LEASE("jetcd-lock-lease", ServerKind.ETCD, JetcdLocks::leases),
    REDISSON("redisson", ServerKind.REDIS, (address, contended) -> RedissonLocks.plain(address)),
    REDISSON_FAIR("redisson-fair", ServerKind.REDIS, (address, contended) -> RedissonLocks.fair(address)),
    REDISSON_FSYNC("redisson-fsync", ServerKind.REDIS_FSYNC, (address, contended) -> RedissonLocks.plain(address)),
    SPRING_REDIS("spring-redis", ServerKind.REDIS, (address, contended) -> SpringLocks.redis(address)),
    SPRING_REDIS_FSYNC(
            "spring-redis-fsync", ServerKind.REDIS_FSYNC, (address, contended) -> SpringLocks.redis(address)),
    SPRING_JDBC("spring-jdbc", ServerKind.POSTGRESQL, (address, contended) -> SpringLocks.jdbc(address)),
    SHEDLOCK_REDIS("shedlock-redis", ServerKind.REDIS, (address, contended) -> ShedLocks.redis(address)),
    SHEDLOCK_JDBC("shedlock-jdbc", ServerKind.POSTGRESQL, (address, contended) -> ShedLocks.jdbc(address)),
    CURATOR("curator", ServerKind.ZOOKEEPER, (address, contended) -> new CuratorLocks(address)),
    ETCDCTL_PUT("etcdctl-put", ServerKind.ETCD, SubjectKind::notInWorkers),
    ETCDCTL_LOCK("etcdctl-lock", ServerKind.ETCD, SubjectKind::notInWorkers),
    HOLDFAST_CLI("holdfast-cli", ServerKind.ETCD, SubjectKind::notInWorkers),
    HOLDFAST("holdfast", ServerKind.ETCD, (address, contended) -> new HoldfastLocks(address, HoldfastMode.SYNC)),
    HOLDFAST_ASYNC(
            "holdfast-async", ServerKind.ETCD, (address, contended) -> new HoldfastLocks(address, HoldfastMode.ASYNC)),
    HOLDFAST_NO_HAND_OVER(
            "holdfast-no-handover",
            ServerKind.ETCD,
            (address, contended) -> new HoldfastLocks(address, HoldfastMode.NO_HAND_OVER)),
    HOLDFAST_NO_BATCHING(
            "holdfast-no-batching",
            ServerKind.ETCD,
            (address, contended) -> new HoldfastLocks(address, HoldfastMode.NO_BATCHING));

    private final String label;
    private final ServerKind server;
    private final BiFunction<String, Boolean, Subject> opening;

    SubjectKind(String label, ServerKind server, BiFunction<String, Boolean, Subject> opening) {
        this.label = label;
        this.server = server;
        this.opening = opening;
    }

    public static SubjectKind of(String label) {
        return Stream.of(values())
                .filter(each -> each.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No subject " + label));
    }

    /** In the results. */
    public String label() {
        return label;
    }

    /** On one node; those on etcd also run on {@link ServerKind#ETCD_CLUSTER}. */
    public ServerKind server() {
        return server;
    }

    /** Whether two holders of one name are an error. */
    public boolean excludes() {
        return this != RAW_PUT;
    }

    /**
     * Connects.
     *
     * @param contended whether several threads ask for one name, so that each needs an identity of its own
     */
    public Subject open(String address, boolean contended) {
        return opening.apply(address, contended);
    }

    private static Subject notInWorkers(String address, boolean contended) {
        throw new UnsupportedOperationException("A program, not a library");
    }
}
