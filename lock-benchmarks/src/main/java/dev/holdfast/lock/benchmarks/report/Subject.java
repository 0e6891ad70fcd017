package dev.holdfast.lock.benchmarks.report;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;

/** Who is measured, in the order of the tables. */
enum Subject {
    RAW_PUT("raw-put", "one put, the floor"),
    HOLDFAST("holdfast", "Holdfast"),
    HOLDFAST_ASYNC("holdfast-async", "Holdfast, release not awaited"),
    HOLDFAST_NO_BATCHING("holdfast-no-batching", "Holdfast without batching"),
    HOLDFAST_NO_HANDOVER("holdfast-no-handover", "Holdfast without hand-over"),
    GO_MUTEX("go-mutex", "Go's concurrency.Mutex"),
    JETCD_LOCK_SHARED("jetcd-lock-shared", "jetcd Lock, one lease"),
    JETCD_LOCK_LEASE("jetcd-lock-lease", "jetcd Lock, a lease each"),
    ETCDCTL_PUT("etcdctl-put", "etcdctl put, the floor"),
    ETCDCTL_LOCK("etcdctl-lock", "etcdctl lock"),
    HOLDFAST_CLI("holdfast-cli", "holdfast run"),
    CURATOR("curator", "Curator, ZooKeeper"),
    REDISSON("redisson", "Redisson"),
    REDISSON_FAIR("redisson-fair", "Redisson, fair lock"),
    REDISSON_FSYNC("redisson-fsync", "Redisson, fsync"),
    SPRING_REDIS("spring-redis", "Spring Integration, Redis"),
    SPRING_REDIS_FSYNC("spring-redis-fsync", "Spring Integration, Redis, fsync"),
    SHEDLOCK_REDIS("shedlock-redis", "ShedLock, Redis"),
    SPRING_JDBC("spring-jdbc", "Spring Integration, PostgreSQL"),
    SHEDLOCK_JDBC("shedlock-jdbc", "ShedLock, PostgreSQL");

    /** By id; an unknown one comes last. */
    static final Comparator<String> ORDER = Comparator.<String>comparingInt(
                    id -> of(id).map(Enum::ordinal).orElse(values().length))
            .thenComparing(Comparator.naturalOrder());

    private final String id;
    private final String label;

    Subject(String id, String label) {
        this.id = id;
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

    String label() {
        return label;
    }
}
