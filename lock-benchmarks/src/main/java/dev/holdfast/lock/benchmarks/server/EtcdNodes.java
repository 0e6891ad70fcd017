package dev.holdfast.lock.benchmarks.server;

import dev.holdfast.lock.test.EtcdCluster;
import dev.holdfast.lock.test.EtcdServer;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** etcd with its default settings and durability. The leader is named first. */
record EtcdNodes(List<EtcdServer> nodes) implements Server {

    static EtcdNodes one() {
        return new EtcdNodes(List.of(EtcdServer.start()));
    }

    static EtcdNodes three() {
        EtcdCluster cluster = EtcdCluster.start();
        return new EtcdNodes(Stream.concat(Stream.of(cluster.leader()), cluster.followers().stream())
                .toList());
    }

    @Override
    public String address() {
        return nodes.stream().map(EtcdServer::endpoint).collect(Collectors.joining(","));
    }

    @Override
    public List<Long> pids() {
        return nodes.stream().map(EtcdServer::pid).toList();
    }

    @Override
    public String metrics() {
        return nodes.get(0).metricsUri() + "/metrics";
    }

    @Override
    public void close() {
        nodes.forEach(EtcdServer::close);
    }
}
