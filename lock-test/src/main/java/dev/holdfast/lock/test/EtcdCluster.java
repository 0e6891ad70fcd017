package dev.holdfast.lock.test;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;

/** The members of a real etcd on loopback, three or one, each a process that can be stopped, frozen and started again. Thread-safe. */
public final class EtcdCluster implements AutoCloseable {

    private static final int SIZE = 3;
    private static final Duration ELECTION_LIMIT = Duration.ofSeconds(20);

    private final List<EtcdServer> members;

    private EtcdCluster(List<EtcdServer> members) {
        this.members = members;
    }

    /** Starts the members and returns when all are healthy. */
    public static EtcdCluster start() {
        return start(EtcdServer.builder());
    }

    /** As {@link #start()}, each member as the builder says. */
    public static EtcdCluster start(EtcdServer.Builder builder) {
        return new EtcdCluster(builder.startMembers(SIZE));
    }

    /** One member. */
    static EtcdCluster ofOne() {
        return new EtcdCluster(EtcdServer.builder().startMembers(1));
    }

    /** Lets all members run, whatever was done to them. */
    void heal() {
        members.forEach(EtcdServer::heal);
        members.forEach(EtcdServer::awaitHealthy);
    }

    public List<EtcdServer> members() {
        return members;
    }

    /** From 0 on. */
    public EtcdServer member(int index) {
        return members.get(index);
    }

    /** The member that leads; waits for an election under way. A frozen member leads nobody. */
    public EtcdServer leader() {
        // Two may say so while a leader that was frozen has not heard of the other yet.
        return await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(50))
                .atMost(ELECTION_LIMIT)
                .until(() -> members.stream().filter(EtcdServer::leads).toList(), leading -> leading.size() == 1)
                .get(0);
    }

    /** The members that do not lead. */
    public List<EtcdServer> followers() {
        EtcdServer leader = leader();
        return members.stream().filter(member -> member != leader).toList();
    }

    /** Client URLs of all members, also of those that are down. */
    public List<String> endpoints() {
        return members.stream().map(EtcdServer::endpoint).toList();
    }

    /** Kills the processes and deletes their data. Idempotent. */
    @Override
    public void close() {
        members.forEach(EtcdServer::close);
    }
}
