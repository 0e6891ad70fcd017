package dev.holdfast.lock.benchmarks.server;

import java.util.EnumMap;
import java.util.Map;

/** The servers of a run, each started when first needed. Thread-safe. */
public final class Servers implements AutoCloseable {

    private final Map<ServerKind, Server> running = new EnumMap<>(ServerKind.class);
    private boolean closed;

    /** Why a kind of server cannot be had here; empty if it can. */
    public static String missing(ServerKind kind) {
        boolean present = switch (kind) {
            case ETCD, ETCD_CLUSTER -> Programs.find("etcd").isPresent();
            case REDIS, REDIS_FSYNC -> Redis.present();
            case ZOOKEEPER -> true;
            case POSTGRESQL -> PostgreSql.present();
        };
        return present ? "" : kind.program() + " was not installed";
    }

    public synchronized Server get(ServerKind kind) {
        if (closed) {
            throw new IllegalStateException("The servers are closed");
        }
        return running.computeIfAbsent(kind, Servers::start);
    }

    /** Ends all of them, and none is started any more. Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
        running.values().forEach(Server::close);
        running.clear();
    }

    private static Server start(ServerKind kind) {
        return switch (kind) {
            case ETCD -> EtcdNodes.one();
            case ETCD_CLUSTER -> EtcdNodes.three();
            case REDIS -> Redis.start(false);
            case REDIS_FSYNC -> Redis.start(true);
            case ZOOKEEPER -> ZooKeeper.start();
            case POSTGRESQL -> PostgreSql.start();
        };
    }
}
