package dev.holdfast.lock.benchmarks.report;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;

/** Who is measured, in the order of the tables. */
enum Subject {
    RAW_PUT("raw-put", "etcd", "one put, the floor"),
    HOLDFAST("holdfast", "etcd", "Holdfast"),
    HOLDFAST_ASYNC("holdfast-async", "etcd", "Holdfast, release not awaited"),
    HOLDFAST_NO_BATCHING("holdfast-no-batching", "etcd", "Holdfast without batching"),
    HOLDFAST_NO_HANDOVER("holdfast-no-handover", "etcd", "Holdfast without hand-over"),
    GO_MUTEX("go-mutex", "Go", "Go's concurrency.Mutex"),
    JETCD_LOCK_SHARED("jetcd-lock-shared", "etcd", "jetcd Lock, one lease"),
    JETCD_LOCK_LEASE("jetcd-lock-lease", "etcd", "jetcd Lock, a lease each"),
    ETCDCTL_LOCK("etcdctl-lock", "etcd", "etcdctl lock"),
    CURATOR("curator", "ZooKeeper", "Curator, ZooKeeper"),
    REDISSON("redisson", "Redis", "Redisson"),
    REDISSON_FAIR("redisson-fair", "Redis", "Redisson, fair lock"),
    REDISSON_FSYNC("redisson-fsync", "Redis", "Redisson, fsync"),
    SPRING_REDIS("spring-redis", "Redis", "Spring Integration, Redis"),
    SPRING_REDIS_FSYNC("spring-redis-fsync", "Redis", "Spring Integration, Redis, fsync"),
    SHEDLOCK_REDIS("shedlock-redis", "Redis", "ShedLock, Redis"),
    SPRING_JDBC("spring-jdbc", "PostgreSQL", "Spring Integration, PostgreSQL"),
    SHEDLOCK_JDBC("shedlock-jdbc", "PostgreSQL", "ShedLock, PostgreSQL");

    /** By id; an unknown one comes last. */
    static final Comparator<String> ORDER = Comparator.<String>comparingInt(
                    id -> of(id).map(Enum::ordinal).orElse(values().length))
            .thenComparing(Comparator.naturalOrder());

    private final String id;
    private final String server;
    private final String label;

    Subject(String id, String server, String label) {
        this.id = id;
        this.server = server;
        this.label = label;
    }

    static Optional<Subject> of(String id) {
        return Arrays.stream(values()).filter(subject -> subject.id.equals(id)).findFirst();
    }

    static String label(String id) {
        return of(id).map(subject -> subject.label).orElse(id);
    }

    String id() {
        return id;
    }

    /** What must be installed for it. */
    String server() {
        return server;
    }

    String label() {
        return label;
    }
}
