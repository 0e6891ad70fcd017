package dev.holdfast.lock.simulation;

import dev.holdfast.lock.history.Event;
import dev.holdfast.lock.memory.MemoryServer;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An etcd of one or three members: one replicated state, the model, reached through any member that runs, and moving only while a leader
 * runs with a majority. A new leader is elected a while after the old one froze, and gives every lease its time anew.
 */
final class Cluster implements TimeSource {

    static final String PROCESS = "etcd";

    private static final long SHORTEST_ELECTION = Duration.ofMillis(1_000).toNanos();

    private final World world;
    private final MemoryServer state = new MemoryServer(this);
    private final List<Member> members = new ArrayList<>();
    private final List<Runnable> withoutLeader = new ArrayList<>();
    private @Nullable Member leader;

    Cluster(World world, int size) {
        this.world = world;
        for (int i = 0; i < size; i++) {
            members.add(new Member(this, world, PROCESS + "-" + i));
        }
        leader = members.get(0);
    }

    MemoryServer state() {
        return state;
    }

    List<Member> members() {
        return members;
    }

    /** Runs the operation when there is a leader: now, or after an election. */
    void propose(Runnable operation) {
        if (leader != null) {
            operation.run();
        } else {
            withoutLeader.add(operation);
        }
    }

    boolean leads(Member member) {
        return member == leader;
    }

    /** A member froze or came back. */
    void changed() {
        long running = members.stream().filter(Member::running).count();
        Member current = leader;
        if (current != null && (!current.running() || running * 2 <= members.size())) {
            leader = null;
            world.record(PROCESS, Event.Kind.FAULT, "", 0, 0, "no leader");
        }
        if (leader == null) {
            world.after(SHORTEST_ELECTION + world.upToMillis(1_000), this::elect);
        }
    }

    private void elect() {
        List<Member> running = members.stream().filter(Member::running).toList();
        if (leader != null || running.size() * 2 <= members.size()) {
            return;
        }
        Member elected = running.get(world.random().nextInt(running.size()));
        leader = elected;
        if (members.size() > 1) {
            // A member alone that was only stopped stays what it was, and its clocks went on.
            state.changeLeader(Duration.ofNanos(SHORTEST_ELECTION));
        }
        world.record(elected.name(), Event.Kind.FAULT, "", 0, 0, "leader");
        List<Runnable> operations = new ArrayList<>(withoutLeader);
        withoutLeader.clear();
        // Clients' requests and due leases come in any order.
        while (!operations.isEmpty()) {
            operations.remove(world.random().nextInt(operations.size())).run();
        }
    }

    @Override
    public long nanoTime() {
        return world.now();
    }

    @Override
    public long wallMillis() {
        return world.now() / 1_000_000;
    }

    /** The model's timers. Those without delay tell watchers what has happened; the others end leases, by the leader's hand only. */
    @Override
    public Timer schedule(Duration delay, Runnable task) {
        return world.after(delay.toNanos(), delay.isZero() ? task : () -> propose(task))::cancel;
    }
}
