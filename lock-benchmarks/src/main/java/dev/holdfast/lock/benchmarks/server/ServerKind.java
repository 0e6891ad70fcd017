package dev.holdfast.lock.benchmarks.server;

/** What a subject needs to run. */
public enum ServerKind {
    ETCD("etcd", 1),
    ETCD_CLUSTER("etcd", 3),
    REDIS("Redis", 1),
    REDIS_FSYNC("Redis", 1),
    ZOOKEEPER("ZooKeeper", 1),
    POSTGRESQL("PostgreSQL", 1);

    private final String program;
    private final int nodes;

    ServerKind(String program, int nodes) {
        this.program = program;
        this.nodes = nodes;
    }

    public String program() {
        return program;
    }

    public int nodes() {
        return nodes;
    }
}
