package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.StoreStatus;
import dev.holdfast.lock.memory.MemoryServer;
import dev.holdfast.lock.store.KeyChange;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.LeaseGrant;
import dev.holdfast.lock.store.LeaseKeys;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.test.ManualTime;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Random schedules: several engines, each a process with clocks of its own that can be stopped or suspended, on one server behind
 * networks that lose, delay and reorder. One seed is one schedule. {@code -Dschedule.seed=N} runs one seed, {@code
 * -Dschedule.seeds=N} that many, from {@code -Dschedule.first=N} on.
 */
class EngineRandomScheduleTests {

    private static final Duration TTL = Duration.ofSeconds(6);
    private static final List<String> NAMES = List.of("seat", "bed");
    private static final int STEPS = 500;

    private static Level levelBefore = Level.INFO;

    @BeforeAll
    static void quiet() {
        Logger log = (Logger) LoggerFactory.getLogger("dev.holdfast.lock.engine");
        levelBefore = log.getLevel();
        log.setLevel(Level.OFF);
        ((Logger) LoggerFactory.getLogger(Mailbox.class)).setLevel(Level.ERROR);
    }

    @AfterAll
    static void loud() {
        ((Logger) LoggerFactory.getLogger("dev.holdfast.lock.engine")).setLevel(levelBefore);
    }

    @Test
    void everyScheduleKeepsThePromises() {
        Long one = Long.getLong("schedule.seed");
        long first = one == null ? Long.getLong("schedule.first", 1) : one;
        int count = one == null ? Integer.getInteger("schedule.seeds", 250) : 1;
        Map<String, List<Long>> failures = new HashMap<>();
        for (long seed = first; seed < first + count; seed++) {
            try {
                new Schedule(seed).run();
            } catch (Broken broken) {
                if (one != null) {
                    throw broken;
                }
                failures.computeIfAbsent(broken.promise, promise -> new ArrayList<>())
                        .add(seed);
            }
        }
        assertThat(failures).as("broken promises and the seeds that break them").isEmpty();
    }

    /** A promise that a schedule broke. */
    private static final class Broken extends AssertionError {

        private static final long serialVersionUID = 1;

        private final String promise;

        private Broken(String promise, String detail) {
            super(promise + ": " + detail);
            this.promise = promise;
        }
    }

    private static final class Schedule {

        private final long seed;
        private final SplittableRandom random;
        private final ManualTime time = new ManualTime();
        private final MemoryServer server = new MemoryServer(time);
        private final LockStore inspector = server.connect();
        private final List<Process> processes = new ArrayList<>();
        private final Map<String, Long> lastToken = new HashMap<>();
        private boolean healed;

        private Schedule(long seed) {
            this.seed = seed;
            this.random = new SplittableRandom(seed);
        }

        private void run() {
            for (int i = 0; i < 3; i++) {
                processes.add(new Process(this, i));
            }
            for (int step = 0; step < STEPS; step++) {
                act(processes.get(random.nextInt(processes.size())));
                advance(Duration.ofMillis(random.nextInt(8) == 0 ? 700 : 1 + random.nextInt(60)));
            }
            heal();
            close();
        }

        private void act(Process process) {
            switch (random.nextInt(40)) {
                case 0 -> process.network.loss = random.nextInt(60);
                case 1 -> process.network.cut = true;
                case 2, 3 -> process.network.cut = false;
                case 4 -> process.network.loss = 0;
                case 5 -> process.network.slowest = 1 + random.nextInt(3_000);
                case 6, 7 -> process.network.slowest = 1 + random.nextInt(30);
                case 8 -> process.network.breakWatches();
                case 9 -> process.network.watchesSilent = random.nextBoolean();
                case 10 -> process.stop(false);
                case 11 -> process.stop(random.nextBoolean());
                case 12, 13, 14 -> process.resume();
                case 15 -> process.stepWallClock(random.nextInt(4_000) - 2_000);
                case 16 -> {
                    if (random.nextInt(6) == 0) {
                        process.closeAndRestart();
                    }
                }
                case 17, 18 -> process.cancelOne();
                case 19, 20, 21, 22, 23, 24 -> process.releaseOne();
                default -> process.request();
            }
        }

        private void advance(Duration duration) {
            long left = duration.toMillis();
            while (left > 0) {
                long part = Math.min(left, 40);
                time.advance(Duration.ofMillis(part));
                left -= part;
                check();
            }
        }

        /** What is advertised as held is in the store, so no two are held at once (P2 and more). */
        private void check() {
            Map<String, KeyValue> keys = new HashMap<>();
            for (KeyValue key : keys()) {
                keys.put(key.key(), key);
            }
            for (Process process : processes) {
                if (!process.stopped) {
                    process.checkHolds(keys);
                }
            }
        }

        private void heal() {
            healed = true;
            for (Process process : processes) {
                process.resume();
                process.network.heal();
            }
            // Whoever gets a lock gives it back; C6: TTL, elections, poll and 5 s, for each in the queue.
            for (int i = 0; i < 1_500 && !quiet(); i++) {
                processes.forEach(Process::releaseOne);
                advance(Duration.ofMillis(100));
            }
            for (Process process : processes) {
                process.checkFinished();
            }
            for (Process process : processes) {
                for (String name : NAMES) {
                    // A renewal that lay in a socket for 12 s keeps the lease of an ended session a TTL longer, and a
                    // poll notices its end.
                    Call call = process.request(name, Duration.ofSeconds(25), true);
                    for (int i = 0; i < 300 && !call.answer.isDone(); i++) {
                        advance(Duration.ofMillis(100));
                    }
                    if (call.handle == null || !call.handle.isHeld()) {
                        throw new Broken("a name is free after heal", this + " " + process + " " + name);
                    }
                    call.handle.releaseAsync();
                    advance(Duration.ofSeconds(1));
                }
            }
            for (int i = 0; i < 200 && !entriesOfAll().isEmpty(); i++) {
                advance(Duration.ofMillis(100));
            }
            if (!entriesOfAll().isEmpty()) {
                throw new Broken("no entry is left after heal", this + " " + entriesOfAll());
            }
        }

        private boolean quiet() {
            return processes.stream().allMatch(Process::quiet);
        }

        private void close() {
            // Renewals that lay in a socket for 12 s may have kept leases of ended sessions, whose guards then live a
            // TTL longer.
            time.advance(Duration.ofSeconds(20));
            for (Process process : processes) {
                process.engine.close();
            }
            time.advance(Duration.ofMillis(200));
            for (Process process : processes) {
                process.checkClosed();
            }
            if (!keys().isEmpty()) {
                throw new Broken("close leaves no key", this + " " + keys());
            }
            time.advance(TTL.multipliedBy(3));
            for (long lease = 0x694d_0000_0000_0001L; lease < 0x694d_0000_0000_0001L + 5_000; lease++) {
                if (!inspector.leaseKeys(lease, TTL).isCompletedExceptionally()) {
                    throw new Broken("no lease is renewed after close", this + " " + Long.toHexString(lease));
                }
            }
        }

        private List<KeyValue> entriesOfAll() {
            return keys().stream()
                    .filter(key -> !key.key().startsWith("locks/%guard/"))
                    .toList();
        }

        private List<KeyValue> keys() {
            return inspector
                    .txn(Txn.of(new Op.Get(KeyRange.prefix("locks/"), Op.Order.OLDEST_FIRST, 0, 0, true)), TTL)
                    .join()
                    .keys(0)
                    .keys();
        }

        @Override
        public String toString() {
            return "seed " + seed;
        }
    }

    /** One request and what came of it. */
    private static final class Call {

        private final CompletableFuture<Optional<LockHandle>> answer;
        private final boolean keep;
        private @Nullable LockHandle handle;

        private Call(CompletableFuture<Optional<LockHandle>> answer, boolean keep) {
            this.answer = answer;
            this.keep = keep;
        }
    }

    /** One process: an engine, its clocks, its network. Stopped it runs nothing; suspended its monotonic clock stands too. */
    private static final class Process implements TimeSource {

        private final Schedule schedule;
        private final int number;
        private final List<Runnable> backlog = new ArrayList<>();
        private final List<Call> calls = new ArrayList<>();
        private final List<Call> held = new ArrayList<>();
        private Network network;
        private LockEngine engine;
        private Counts counts = new Counts();
        private boolean stopped;
        private boolean suspended;
        private long suspendedAt;
        private long nanosBehind;
        private long wallAhead;

        private Process(Schedule schedule, int number) {
            this.schedule = schedule;
            this.number = number;
            this.network = new Network(this);
            this.engine = newEngine();
        }

        private LockEngine newEngine() {
            return new LockEngine(
                    network,
                    this,
                    EngineOptions.defaults()
                            .withLockDefaults(LockOptions.defaults().withTtl(TTL))
                            .withListeners(List.of(counts))
                            .withCloseTimeout(Duration.ofMillis(1))
                            .withCallbackExecutor(Runnable::run),
                    schedule.random.split(),
                    () -> {});
        }

        private void request() {
            SplittableRandom random = schedule.random;
            int kind = random.nextInt(10);
            Duration wait = kind < 3 ? Duration.ZERO : Duration.ofMillis(1 + random.nextInt(kind < 5 ? 200 : 15_000));
            request(NAMES.get(random.nextInt(NAMES.size())), wait, false);
        }

        private Call request(String name, Duration wait, boolean keep) {
            if (stopped || calls.size() > 8) {
                return new Call(new CompletableFuture<>(), keep);
            }
            boolean renew = schedule.random.nextInt(4) != 0;
            LockOptions options = LockOptions.defaults().withTtl(TTL).withRenew(renew);
            Call call = new Call(engine.lock(name, options).tryAcquireAsync(wait), keep);
            calls.add(call);
            call.answer.whenComplete((handle, failure) -> {
                calls.remove(call);
                if (handle != null && handle.isPresent()) {
                    granted(call, handle.get());
                }
            });
            return call;
        }

        private void granted(Call call, LockHandle handle) {
            call.handle = handle;
            boolean heldNow = handle.isHeld();
            if (!heldNow && handle.loss().isEmpty()) {
                throw fatal("a granted lock is held or known as lost", handle);
            }
            if (!heldNow) {
                return;
            }
            Long before = schedule.lastToken.get(handle.name());
            if (before != null && before >= handle.fencingToken()) {
                throw fatal("tokens increase", handle);
            }
            schedule.lastToken.put(handle.name(), handle.fencingToken());
            if (!call.keep) {
                held.add(call);
            }
        }

        /** Kept for the next check, since futures and mailboxes swallow what is thrown here. */
        private Broken fatal(String promise, LockHandle handle) {
            Broken broken = new Broken(promise, schedule + " " + this + " " + handle);
            if (counts.broken == null) {
                counts.broken = broken;
            }
            return broken;
        }

        private void releaseOne() {
            if (!stopped && !held.isEmpty()) {
                LockHandle handle = held.remove(schedule.random.nextInt(held.size())).handle;
                if (handle != null) {
                    handle.releaseAsync();
                }
            }
        }

        private void cancelOne() {
            if (!stopped && !calls.isEmpty()) {
                calls.get(schedule.random.nextInt(calls.size())).answer.cancel(false);
            }
        }

        private void closeAndRestart() {
            if (stopped) {
                return;
            }
            engine.close();
            checkClosed();
            held.clear();
            Network old = network;
            network = new Network(this);
            network.loss = old.loss;
            network.slowest = old.slowest;
            counts = new Counts();
            engine = newEngine();
        }

        private void checkHolds(Map<String, KeyValue> keys) {
            if (counts.broken != null) {
                throw counts.broken;
            }
            for (Call call : List.copyOf(held)) {
                LockHandle handle = call.handle;
                if (handle == null) {
                    continue;
                }
                if (!handle.isHeld()) {
                    if (handle.loss().isPresent()) {
                        held.remove(call);
                    }
                    continue;
                }
                boolean there = keys.values().stream()
                        .anyMatch(key -> key.createRevision() == handle.fencingToken()
                                && key.key().startsWith("locks/" + handle.name() + "/"));
                boolean first = keys.values().stream()
                        .noneMatch(key -> key.createRevision() < handle.fencingToken()
                                && key.key().startsWith("locks/" + handle.name() + "/"));
                if (!there || !first) {
                    throw new Broken("held means first in the store", schedule + " " + this + " " + handle);
                }
            }
        }

        private boolean quiet() {
            return calls.isEmpty()
                    && held.isEmpty()
                    && engine.status().held() == 0
                    && engine.status().waiting() == 0;
        }

        private void checkFinished() {
            if (!quiet()) {
                throw new Broken(
                        "everything ends after heal",
                        schedule + " " + this + " " + calls.size() + " calls, " + held.size() + " held, "
                                + engine.status());
            }
        }

        private void checkClosed() {
            if (!calls.isEmpty()) {
                throw new Broken("close completes every future", schedule + " " + this);
            }
            if (counts.waiting != counts.acquired + counts.notAcquired
                    || counts.acquired != counts.released + counts.lost) {
                throw new Broken("listeners hear each event once", schedule + " " + this + " " + counts);
            }
            if (network.watches() != 0) {
                throw new Broken("close leaves no watch", schedule + " " + this);
            }
            if (engine.status().waiting() != 0 || engine.status().held() != 0) {
                throw new Broken("close leaves nothing", schedule + " " + this + " " + engine.status());
            }
        }

        private void stop(boolean suspend) {
            if (!stopped && !schedule.healed) {
                stopped = true;
                suspended = suspend;
                suspendedAt = schedule.time.nanoTime();
            }
        }

        private void resume() {
            if (!stopped) {
                return;
            }
            if (suspended) {
                long slept = schedule.time.nanoTime() - suspendedAt;
                if (slept > 1_100_000_000L) {
                    nanosBehind += slept;
                }
            }
            stopped = false;
            suspended = false;
            // The first question comes before anything else runs.
            schedule.check();
            List<Runnable> due = new ArrayList<>(backlog);
            backlog.clear();
            // What has gathered meanwhile runs in any order, as threads do.
            while (!due.isEmpty()) {
                due.remove(schedule.random.nextInt(Math.min(3, due.size()))).run();
            }
        }

        private void stepWallClock(int millis) {
            // A step while it sleeps can hide the sleep: nothing could tell.
            if (!stopped) {
                wallAhead += millis;
            }
        }

        private void gate(Runnable task) {
            if (stopped) {
                backlog.add(task);
            } else {
                task.run();
            }
        }

        @Override
        public long nanoTime() {
            return schedule.time.nanoTime() - nanosBehind;
        }

        @Override
        public long wallMillis() {
            return schedule.time.wallMillis() + wallAhead;
        }

        @Override
        public Timer schedule(Duration delay, Runnable task) {
            boolean[] cancelled = new boolean[1];
            Timer timer = schedule.time.schedule(
                    delay,
                    () -> gate(() -> {
                        if (!cancelled[0]) {
                            task.run();
                        }
                    }));
            return () -> {
                cancelled[0] = true;
                timer.cancel();
            };
        }

        @Override
        public String toString() {
            return "process " + number;
        }
    }

    private static final class Counts implements LockListener {

        private int waiting;
        private int acquired;
        private int notAcquired;
        private int released;
        private int lost;
        private @Nullable Broken broken;

        @Override
        public void waiting(String name, LockOptions options) {
            waiting++;
        }

        @Override
        public void acquired(LockHandle handle, LockOptions options, Duration waited) {
            acquired++;
        }

        @Override
        public void notAcquired(String name, LockOptions options, WaitOutcome outcome, Duration waited) {
            notAcquired++;
        }

        @Override
        public void released(LockHandle handle, LockOptions options, Duration held) {
            released++;
        }

        @Override
        public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
            lost++;
        }

        @Override
        public String toString() {
            return "waiting " + waiting + ", acquired " + acquired + ", notAcquired " + notAcquired + ", released "
                    + released + ", lost " + lost;
        }
    }

    /** The way of one process to the server: requests arrive late, never, or long after their timeout; answers too. */
    private static final class Network implements LockStore {

        private final Process process;
        private final LockStore target;
        private final List<NetworkWatch> watches = new ArrayList<>();
        private int loss;
        private int slowest = 5;
        private boolean cut;
        private boolean watchesSilent;
        private boolean closed;

        private Network(Process process) {
            this.process = process;
            this.target = process.schedule.server.connect();
        }

        private void heal() {
            loss = 0;
            slowest = 5;
            cut = false;
            watchesSilent = false;
        }

        private int watches() {
            return watches.size();
        }

        private void breakWatches() {
            for (NetworkWatch watch : List.copyOf(watches)) {
                watch.close();
                process.gate(() -> watch.watcher.broken(
                        new StoreException(StoreException.Kind.UNAVAILABLE, "connection lost by the test", null)));
            }
        }

        private <T> CompletableFuture<T> call(Duration timeout, Supplier<CompletableFuture<T>> request) {
            CompletableFuture<T> answer = new CompletableFuture<>();
            if (closed) {
                answer.completeExceptionally(new StoreException(StoreException.Kind.CLOSED, "closed", null));
                return answer;
            }
            SplittableRandom random = process.schedule.random;
            ManualTime time = process.schedule.time;
            time.schedule(
                    timeout,
                    () -> process.gate(() -> answer.completeExceptionally(
                            new StoreException(StoreException.Kind.TIMEOUT, "no answer, by the test's will", null))));
            boolean lostRequest = cut ? random.nextInt(4) != 0 : random.nextInt(100) < loss;
            boolean lostAnswer = cut || random.nextInt(100) < loss;
            if (lostRequest) {
                return answer;
            }
            // What was cut off may lie in a socket for long.
            int there = cut ? random.nextInt(12_000) : random.nextInt(slowest);
            int back = random.nextInt(slowest);
            time.schedule(Duration.ofMillis(there), () -> {
                CompletableFuture<T> result = request.get();
                if (!lostAnswer) {
                    time.schedule(
                            Duration.ofMillis(back),
                            () -> process.gate(() -> result.whenComplete((value, failure) -> {
                                if (failure != null) {
                                    answer.completeExceptionally(failure);
                                } else {
                                    answer.complete(value);
                                }
                            })));
                }
            });
            return answer;
        }

        @Override
        public CompletableFuture<TxnResult> txn(Txn txn, Duration timeout) {
            return call(timeout, () -> target.txn(txn, timeout));
        }

        @Override
        public CompletableFuture<LeaseGrant> grant(Duration ttl, Duration timeout) {
            return call(timeout, () -> target.grant(ttl, timeout));
        }

        @Override
        public CompletableFuture<LeaseGrant> keepAlive(long leaseId, Duration timeout) {
            return call(timeout, () -> target.keepAlive(leaseId, timeout));
        }

        @Override
        public CompletableFuture<LeaseKeys> leaseKeys(long leaseId, Duration timeout) {
            return call(timeout, () -> target.leaseKeys(leaseId, timeout));
        }

        @Override
        public CompletableFuture<Void> revoke(long leaseId, Duration timeout) {
            return call(timeout, () -> target.revoke(leaseId, timeout));
        }

        @Override
        public Watch watch(KeyRange range, Watcher watcher) {
            NetworkWatch watch = new NetworkWatch(watcher);
            watches.add(watch);
            watch.target = target.watch(range, watch);
            return watch;
        }

        @Override
        public CompletableFuture<Void> refreshCredentials(Duration timeout) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<StoreStatus> status(Duration timeout) {
            return target.status(timeout);
        }

        @Override
        public void reconnect() {
            // Nothing to replace.
        }

        @Override
        public void close() {
            // What is under way still arrives: the server does not know that its client is gone.
            closed = true;
        }

        private final class NetworkWatch implements Watch, Watcher {

            private final Watcher watcher;
            private @Nullable Watch target;
            private boolean ended;

            private NetworkWatch(Watcher watcher) {
                this.watcher = watcher;
            }

            @Override
            public void close() {
                ended = true;
                watches.remove(this);
                if (target != null) {
                    target.close();
                }
            }

            @Override
            public void ready() {
                tell(watcher::ready);
            }

            @Override
            public void changed(KeyChange change) {
                tell(() -> watcher.changed(change));
            }

            @Override
            public void broken(StoreException cause) {
                tell(() -> watcher.broken(cause));
            }

            private void tell(Runnable event) {
                if (!watchesSilent && !cut) {
                    process.gate(() -> {
                        if (!ended) {
                            event.run();
                        }
                    });
                }
            }
        }
    }
}
