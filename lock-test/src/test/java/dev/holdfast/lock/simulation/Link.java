package dev.holdfast.lock.simulation;

import dev.holdfast.lock.StoreStatus;
import dev.holdfast.lock.history.Event;
import dev.holdfast.lock.store.KeyChange;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LeaseGrant;
import dev.holdfast.lock.store.LeaseKeys;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way of one JVM to the cluster: each request goes to some member, arrives late, twice, or never, and so do answers. What was given up may
 * still be executed long after. A watch tells in order, late, some of it again later; and from some moment on nothing at all.
 */
final class Link implements LockStore {

    /** How long a request can lie in a socket or a member's queue, beyond a member's freeze. */
    static final Duration LATEST = Duration.ofSeconds(6);

    /** Credentials do not expire more often than that. */
    private static final long CREDENTIALS_LAST = Duration.ofSeconds(10).toNanos();

    /** A member that owes an answer for so long is passed over, as the real channel does. */
    private static final long PATIENCE = Duration.ofMillis(500).toNanos();

    private final World world;
    private final Machine machine;
    private final Cluster cluster;
    private final LockStore state;
    private final Map<Member, Long> owesSince = new HashMap<>();
    private final Set<CompletableFuture<?>> pending = new LinkedHashSet<>();
    private final List<LinkWatch> watches = new ArrayList<>();
    private boolean closed;
    private long countedSecond;
    private int counted;
    private int most;

    // What is wrong with it; percent, nanoseconds:
    int lossPercent;
    int latePercent;
    int repeatPercent;
    int watchLossPercent;
    int watchRepeatPercent;
    int falseAuditPercent;
    long slowest;
    boolean requestsCut;
    boolean answersCut;

    /** Nothing passes until another connection is asked for. */
    boolean dead;

    StoreException.@Nullable Kind refusal;

    private final long ordinarySlowest;
    private boolean credentialsExpired;
    private long credentialsExpiredAt = Long.MIN_VALUE / 2;

    Link(World world, Machine machine, Cluster cluster, long slowest) {
        this.world = world;
        this.machine = machine;
        this.cluster = cluster;
        this.state = cluster.state().connect();
        this.slowest = slowest;
        this.ordinarySlowest = slowest;
    }

    void heal() {
        lossPercent = 0;
        latePercent = 0;
        repeatPercent = 0;
        watchLossPercent = 0;
        watchRepeatPercent = 0;
        falseAuditPercent = 0;
        slowest = ordinarySlowest;
        requestsCut = false;
        answersCut = false;
        refusal = null;
        dead = false;
    }

    boolean credentialsExpired() {
        return credentialsExpired;
    }

    /** Nothing is accepted until the credentials are refreshed: by the client, since healing does not help here. */
    void expireCredentials() {
        if (world.now() - credentialsExpiredAt > CREDENTIALS_LAST) {
            credentialsExpired = true;
            credentialsExpiredAt = world.now();
            world.record(machine.name(), Event.Kind.FAULT, "", 0, 0, "credentials expired");
        }
    }

    /** The most requests that were sent in one second. */
    int mostInOneSecond() {
        return most;
    }

    int watches() {
        return watches.size();
    }

    /** The streams break: all of them, or those of members that were restarted. */
    void breakWatches(boolean all) {
        for (LinkWatch watch : List.copyOf(watches)) {
            if (all || watch.orphaned()) {
                watch.breakNow();
            }
        }
    }

    @Override
    public CompletableFuture<TxnResult> txn(Txn txn, Duration timeout) {
        return call(timeout, authenticated(() -> state.txn(txn, timeout)));
    }

    @Override
    public CompletableFuture<LeaseGrant> grant(Duration ttl, Duration timeout) {
        return confirming(call(timeout, authenticated(() -> state.grant(ttl, timeout))));
    }

    @Override
    public CompletableFuture<LeaseGrant> keepAlive(long leaseId, Duration timeout) {
        world.record(machine.name(), Event.Kind.RENEWING, "", 0, leaseId, "");
        return confirming(call(timeout, authenticated(() -> state.keepAlive(leaseId, timeout))));
    }

    private CompletableFuture<LeaseGrant> confirming(CompletableFuture<LeaseGrant> answer) {
        long sentAt = world.now();
        return answer.thenApply(grant -> {
            world.record(machine.name(), Event.Kind.CONFIRMED, "", 0, grant.leaseId(), String.valueOf(sentAt));
            return grant;
        });
    }

    @Override
    public CompletableFuture<LeaseKeys> leaseKeys(long leaseId, Duration timeout) {
        return call(
                timeout,
                authenticated(() -> world.chance(falseAuditPercent)
                        // From the memory of a member that leads no more.
                        ? refused(StoreException.Kind.LEASE_NOT_FOUND)
                        : state.leaseKeys(leaseId, timeout)));
    }

    @Override
    public CompletableFuture<Void> revoke(long leaseId, Duration timeout) {
        return call(timeout, authenticated(() -> state.revoke(leaseId, timeout)));
    }

    @Override
    public CompletableFuture<Void> refreshCredentials(Duration timeout) {
        return call(timeout, () -> {
            if (refusal == StoreException.Kind.UNAUTHENTICATED) {
                refusal = null;
            }
            credentialsExpired = false;
            return CompletableFuture.completedFuture(null);
        });
    }

    @Override
    public CompletableFuture<StoreStatus> status(Duration timeout) {
        return call(timeout, () -> state.status(timeout));
    }

    @Override
    public Watch watch(KeyRange range, Watcher watcher) {
        LinkWatch watch = new LinkWatch(member(), watcher);
        watches.add(watch);
        watch.open(range);
        return watch;
    }

    @Override
    public void reconnect() {
        dead = false;
    }

    @Override
    public void close() {
        closed = true;
        for (CompletableFuture<?> call : List.copyOf(pending)) {
            fail(call, StoreException.Kind.CLOSED);
        }
    }

    private <T> Supplier<CompletableFuture<T>> authenticated(Supplier<CompletableFuture<T>> operation) {
        return () -> credentialsExpired ? refused(StoreException.Kind.UNAUTHENTICATED) : operation.get();
    }

    private static <T> CompletableFuture<T> refused(StoreException.Kind kind) {
        return CompletableFuture.failedFuture(new StoreException(kind, "refused by the simulation", null));
    }

    private <T> CompletableFuture<T> call(Duration timeout, Supplier<CompletableFuture<T>> operation) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        if (closed) {
            fail(answer, StoreException.Kind.CLOSED);
            return answer;
        }
        count();
        pending.add(answer);
        Member member = member();
        owesSince.putIfAbsent(member, world.now());
        var timer = machine.schedule(timeout, () -> fail(answer, StoreException.Kind.TIMEOUT));
        answer.whenComplete((value, failure) -> {
            timer.cancel();
            pending.remove(answer);
        });
        boolean lost = dead || (requestsCut ? !world.chance(30) : world.chance(lossPercent));
        if (lost) {
            if (world.chance(50)) {
                // The connection says so.
                machine.schedule(Duration.ofNanos(delay()), () -> fail(answer, StoreException.Kind.UNAVAILABLE));
            }
            return answer;
        }
        boolean late = requestsCut || world.chance(latePercent);
        world.after(
                late ? world.upTo(LATEST.toNanos()) : delay(),
                () -> member.execute(() -> execute(member, operation, answer)));
        if (world.chance(repeatPercent)) {
            world.after(world.upTo(LATEST.toNanos()), () -> member.execute(operation::get));
        }
        return answer;
    }

    private <T> void execute(Member member, Supplier<CompletableFuture<T>> operation, CompletableFuture<T> answer) {
        StoreException.Kind refused = refusal;
        CompletableFuture<T> result =
                refused != null && !closed && world.chance(80) ? refused(refused) : operation.get();
        boolean lost = dead || answersCut || world.chance(lossPercent);
        if (lost && world.chance(50)) {
            return;
        }
        member.pass(() -> world.after(delay(), () -> {
            owesSince.remove(member);
            machine.gate(() -> {
                if (lost) {
                    fail(answer, StoreException.Kind.UNAVAILABLE);
                } else {
                    result.whenComplete((value, failure) -> {
                        if (failure != null) {
                            answer.completeExceptionally(failure);
                        } else {
                            answer.complete(value);
                        }
                    });
                }
            });
        }));
    }

    private void count() {
        long second = world.now() / 1_000_000_000;
        if (second != countedSecond) {
            countedSecond = second;
            counted = 0;
        }
        most = Math.max(most, ++counted);
    }

    private Member member() {
        List<Member> all = cluster.members();
        Member chosen = all.get(world.random().nextInt(all.size()));
        for (int i = 0; i < all.size() && owes(chosen); i++) {
            chosen = all.get((all.indexOf(chosen) + 1) % all.size());
        }
        return chosen;
    }

    private boolean owes(Member member) {
        Long since = owesSince.get(member);
        return since != null && world.now() - since > PATIENCE;
    }

    private long delay() {
        return 50_000 + world.upTo(slowest);
    }

    private static void fail(CompletableFuture<?> answer, StoreException.Kind kind) {
        if (!answer.isDone()) {
            answer.completeExceptionally(new StoreException(kind, "by the will of the simulation", null));
        }
    }

    private final class LinkWatch implements Watch, Watcher {

        private final Member member;
        private final int life;
        private final Watcher watcher;
        private final Deque<Runnable> told = new ArrayDeque<>();
        private @Nullable Watch target;
        private boolean ended;

        /** Something was lost, so nothing comes any more. */
        private boolean silent;

        /** By its owner, who must not be called any more. */
        private boolean closed;

        private LinkWatch(Member member, Watcher watcher) {
            this.member = member;
            this.life = member.life();
            this.watcher = watcher;
        }

        private void open(KeyRange range) {
            world.after(
                    delay(),
                    () -> member.pass(() -> {
                        if (!ended && !requestsCut) {
                            target = state.watch(range, this);
                        }
                    }));
        }

        private boolean orphaned() {
            return member.life() != life;
        }

        private void breakNow() {
            end();
            machine.schedule(Duration.ofNanos(delay()), () -> {
                if (!closed) {
                    watcher.broken(new StoreException(StoreException.Kind.UNAVAILABLE, "connection lost", null));
                }
            });
        }

        private void end() {
            ended = true;
            watches.remove(this);
            if (target != null) {
                target.close();
            }
        }

        @Override
        public void close() {
            closed = true;
            end();
        }

        @Override
        public void ready() {
            tell(watcher::ready);
        }

        @Override
        public void changed(KeyChange change) {
            tell(() -> {
                watcher.changed(change);
                if (world.chance(watchRepeatPercent)) {
                    world.after(
                            world.upTo(LATEST.toNanos()),
                            () -> machine.gate(() -> {
                                if (!ended) {
                                    watcher.changed(change);
                                }
                            }));
                }
            });
        }

        @Override
        public void broken(StoreException cause) {
            tell(() -> watcher.broken(cause));
        }

        /** Late, but in order. */
        private void tell(Runnable event) {
            silent |= dead || answersCut || world.chance(watchLossPercent);
            if (silent) {
                return;
            }
            told.add(event);
            member.pass(() -> world.after(delay(), () -> machine.gate(this::next)));
        }

        /** Whatever overtook whatever on the way: what was told first comes first. */
        private void next() {
            Runnable event = told.poll();
            if (!ended && event != null) {
                event.run();
            }
        }
    }
}
