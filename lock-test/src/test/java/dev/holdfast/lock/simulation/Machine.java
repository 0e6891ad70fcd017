package dev.holdfast.lock.simulation;

import dev.holdfast.lock.engine.Preemption;
import dev.holdfast.lock.history.Event;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * A JVM on a machine of its own: its clocks, timers, threads and callback executor. Its clock runs at a rate of its own; it can be
 * stopped (as by SIGSTOP or a long collection), suspended with its monotonic clock, killed, and its wall clock can be set.
 */
final class Machine implements TimeSource, Executor {

    private static final long EPOCH_MILLIS = 1_700_000_000_000L;

    /** Below that a sleep is within the safety margin and of no use to notice. */
    private static final long SHORTEST_SLEEP = Duration.ofMillis(1_100).toNanos();

    /** Sessions look at their clocks at least every sixth of their TTL. */
    private static final long LONGEST_BETWEEN_LOOKS = Duration.ofSeconds(3).toNanos();

    private final World world;
    private final String name;
    private final double rate;
    private final long started;
    private final List<Runnable> backlog = new ArrayList<>();
    private final List<SimulatedThread> threads = new ArrayList<>();
    private final Runnable onContinued;
    private final long slowestCallback;
    private final Set<MachineTimer> timers = new HashSet<>();
    private final Map<Object, Deque<Runnable>> deferred = new IdentityHashMap<>();
    private boolean passing;
    private boolean stopped;
    private boolean suspended;
    private boolean dead;
    private long stoppedAt;
    private long slept;
    private long wallStepMillis;
    private long wallStepAt;
    private long lastSleepMillis;
    private long wokenAt;

    /** @param drift how much faster its clock runs, in millionths */
    Machine(World world, String name, int drift, long slowestCallback, Runnable onContinued) {
        this.world = world;
        this.name = name;
        this.rate = 1 + drift / 1e6;
        this.started = world.now();
        this.slowestCallback = slowestCallback;
        this.onContinued = onContinued;
        world.record(name, Event.Kind.STARTED, "", 0, 0, "");
    }

    String name() {
        return name;
    }

    boolean running() {
        return !stopped && !dead;
    }

    boolean dead() {
        return dead;
    }

    /** {@code suspend}: with its monotonic clock, as a virtual machine or a laptop. */
    void stop(boolean suspend) {
        if (running()) {
            stopped = true;
            // A step of the wall clock by just that much between two looks hides a sleep: nothing could tell.
            suspended = suspend && world.now() - wallStepAt > LONGEST_BETWEEN_LOOKS;
            stoppedAt = world.now();
            world.record(name, Event.Kind.STOPPED, "", 0, 0, suspended ? "with its clock" : "");
        }
    }

    void resume() {
        if (!stopped || dead) {
            return;
        }
        long duration = world.now() - stoppedAt;
        if (suspended && duration > SHORTEST_SLEEP) {
            slept += duration;
            lastSleepMillis = duration / 1_000_000;
            wokenAt = world.now();
        }
        stopped = false;
        world.record(name, Event.Kind.CONTINUED, "", 0, 0, "");
        // The first question comes before anything else runs.
        onContinued.run();
        List<Runnable> due = new ArrayList<>(backlog);
        backlog.clear();
        // What has gathered meanwhile runs in any order, as threads do.
        for (Runnable task : due) {
            soon(task);
        }
    }

    /** As by kill -9: nothing of it ever runs again; what it sent is on its way. */
    void kill() {
        if (!dead) {
            world.record(name, Event.Kind.KILLED, "", 0, 0, "");
            end();
        }
    }

    /** After a close: whatever still tries to run is a leak, but it runs. */
    void end() {
        dead = true;
        for (SimulatedThread thread : threads) {
            thread.kill();
        }
        threads.clear();
    }

    /** How long it slept the last time with its monotonic clock; 0: never. */
    long lastSleepMillis() {
        return lastSleepMillis;
    }

    void stepWallClock(long millis) {
        if (!stopped && world.now() - wokenAt > LONGEST_BETWEEN_LOOKS) {
            wallStepMillis += millis;
            wallStepAt = world.now();
            world.record(name, Event.Kind.FAULT, "", 0, 0, "wall clock set by " + millis + " ms");
        }
    }

    /** Runs the body on a thread of this process. */
    SimulatedThread thread(Runnable body) {
        threads.removeIf(SimulatedThread::finished);
        SimulatedThread thread = SimulatedThread.start(this, body);
        threads.add(thread);
        return thread;
    }

    /** A moment later, as another thread gets to it. */
    void soon(Runnable task) {
        world.after(world.upTo(200_000), () -> gate(task));
    }

    /** Now if the process runs, when it runs again, or never. */
    void gate(Runnable task) {
        if (dead) {
            return;
        }
        if (stopped) {
            backlog.add(task);
        } else {
            run(task);
        }
    }

    /** On this thread, as one of this machine. */
    void run(Runnable task) {
        Preemption.run(task, this::defer);
    }

    /** Whether the event of an actor is kept for a while: its thread has no core, or another thread is busy with it. */
    private boolean defer(Object mailbox, Runnable event) {
        if (passing) {
            passing = false;
            return false;
        }
        Deque<Runnable> events = deferred.get(mailbox);
        if (events == null) {
            if (!world.chance(20)) {
                return false;
            }
            events = new ArrayDeque<>();
            deferred.put(mailbox, events);
            world.after(world.upToMillis(world.chance(90) ? 1 : 20), () -> gate(() -> passOn(mailbox)));
        }
        events.add(event);
        return true;
    }

    private void passOn(Object mailbox) {
        // What comes meanwhile goes to the end.
        Deque<Runnable> events = Objects.requireNonNull(deferred.get(mailbox));
        for (Runnable event = events.poll(); event != null; event = events.poll()) {
            passing = true;
            event.run();
        }
        deferred.remove(mailbox);
    }

    /** Timers that are set. */
    int timers() {
        return timers.size();
    }

    @Override
    public void execute(Runnable task) {
        world.after(world.upTo(slowestCallback), () -> gate(task));
    }

    @Override
    public long nanoTime() {
        long until = suspended && stopped ? stoppedAt : world.now();
        return started + (long) ((until - started - slept) * rate);
    }

    @Override
    public long wallMillis() {
        return EPOCH_MILLIS + (long) (world.now() * rate / 1e6) + wallStepMillis;
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        MachineTimer timer = new MachineTimer(nanoTime() + delay.toNanos(), task);
        timer.arm(delay.toNanos());
        return timer;
    }

    @Override
    public boolean await(Future<?> future, Duration atMost) throws InterruptedException {
        SimulatedThread thread = SimulatedThread.current();
        if (thread == null) {
            throw new IllegalStateException("Only simulated threads may block");
        }
        return thread.await(future, atMost.toNanos());
    }

    /** Fires when the machine's own clock says so, and a little late. */
    private final class MachineTimer implements Timer {

        private final long due;
        private final Runnable task;
        private World.@Nullable Scheduled scheduled;
        private boolean cancelled;

        private MachineTimer(long due, Runnable task) {
            this.due = due;
            this.task = task;
        }

        private void arm(long delay) {
            timers.add(this);
            scheduled =
                    world.after((long) (Math.max(0, delay) / rate) + 1 + world.upTo(2_000_000), () -> gate(this::fire));
        }

        private void fire() {
            if (cancelled) {
                return;
            }
            long left = due - nanoTime();
            if (left > 0) {
                arm(left); // its clock stood still meanwhile
            } else {
                timers.remove(this);
                task.run();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            timers.remove(this);
            if (scheduled != null) {
                scheduled.cancel();
            }
        }
    }
}
