package dev.holdfast.lock.simulation;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.history.Event;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** Somebody in a JVM who asks for locks, holds them for a while, writes to the resource and gives them back, in all ways there are. */
final class User {

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(12);

    /** What {@code lock()} is ready to wait, for the history. */
    private static final long FOREVER = Duration.ofDays(300).toNanos();

    private final World world;
    private final Plan plan;
    private final Jvm jvm;
    private final Resource resource;
    private boolean busy;

    // Of the call under way:
    private long call;
    private boolean waiting;
    private boolean interruptible;
    private @Nullable SimulatedThread thread;
    private @Nullable CompletableFuture<Optional<LockHandle>> future;

    User(World world, Plan plan, Jvm jvm, Resource resource) {
        this.world = world;
        this.plan = plan;
        this.jvm = jvm;
        this.resource = resource;
    }

    boolean busy() {
        return busy;
    }

    /** Begins something, unless busy. */
    void act() {
        if (busy || !jvm.open()) {
            return;
        }
        String name = plan.names().get(world.random().nextInt(plan.names().size()));
        boolean renew = !world.chance(20);
        LockOptions options = LockOptions.defaults()
                .withTtl(plan.ttl())
                .withRenew(renew)
                .withWaitTime(Duration.ofNanos(world.upTo(LONGEST_WAIT.toNanos())));
        LeaseLock lock = jvm.engine().lock(name, options);
        busy = true;
        if (world.chance(plan.threadPercent())) {
            thread = jvm.machine().thread(() -> onThread(lock));
        } else {
            asynchronously(lock, patience(), false);
        }
    }

    /** Asks until it is granted, for as long as it can take at worst. */
    void probe(String name) {
        busy = true;
        asynchronously(jvm.engine().lock(name), plan.recovery(), true);
    }

    /** Interrupts the thread, whatever it does. */
    void interrupt() {
        SimulatedThread running = thread;
        if (running != null && !running.finished() && jvm.machine().running()) {
            if (waiting && interruptible) {
                jvm.record(Event.Kind.INTERRUPTED, "", call, 0, "");
            }
            running.interrupt();
        }
    }

    void cancel() {
        CompletableFuture<Optional<LockHandle>> asked = future;
        if (asked != null && jvm.machine().running()) {
            asked.cancel(false);
        }
    }

    private void asynchronously(LeaseLock lock, Duration wait, boolean probe) {
        boolean once = wait.isZero();
        long number =
                requested(lock.name(), once ? Jvm.REQUEST_TIMEOUT : wait, probe ? Event.PROBE : once ? Event.TRY : "");
        CompletableFuture<Optional<LockHandle>> answer;
        try {
            answer = lock.tryAcquireAsync(wait);
        } catch (IllegalStateException closed) {
            notGranted(lock.name(), number, closed);
            return;
        }
        future = answer;
        answer.whenComplete((handle, failure) -> {
            future = null;
            if (failure != null || handle.isEmpty()) {
                notGranted(lock.name(), number, failure);
                return;
            }
            Jvm.Hold hold = granted(number, handle.get(), lock);
            jvm.machine().schedule(probe ? Duration.ofMillis(1) : holding(), () -> {
                work(hold);
                jvm.releasing(hold);
                releaseInBackground(hold);
                busy = false;
            });
        });
    }

    private void onThread(LeaseLock lock) {
        try {
            switch (world.random().nextInt(6)) {
                case 0 -> blocking(lock, Jvm.REQUEST_TIMEOUT.toNanos(), Event.TRY, false, lock::tryAcquire);
                case 1 ->
                    blocking(lock, lock.options().waitTime().toNanos(), "", true, () -> Optional.of(lock.acquire()));
                case 2 -> viewed(lock);
                default -> {
                    Duration wait = patience();
                    boolean once = wait.isZero();
                    blocking(
                            lock,
                            once ? Jvm.REQUEST_TIMEOUT.toNanos() : wait.toNanos(),
                            once ? Event.TRY : "",
                            !once,
                            () -> lock.tryAcquire(wait));
                }
            }
        } catch (RuntimeException unexpected) {
            jvm.record(Event.Kind.CONTRADICTED, lock.name(), call, 0, "nobody expects " + unexpected);
        } finally {
            Thread.interrupted();
            busy = false;
            waiting = false;
        }
    }

    /** An interrupt that does not end a call is there after it. */
    private void checkFlag(String name, long number, int interruptsBefore) {
        SimulatedThread current = SimulatedThread.current();
        if (current != null
                && current.interrupts() > interruptsBefore
                && !Thread.currentThread().isInterrupted()) {
            jvm.record(Event.Kind.CONTRADICTED, name, number, 0, "the interrupt is lost");
        }
    }

    private static int interrupts() {
        SimulatedThread current = SimulatedThread.current();
        return current == null ? 0 : current.interrupts();
    }

    /** A call that blocks and what it may throw. */
    private interface Acquisition {
        Optional<LockHandle> get() throws InterruptedException;
    }

    private void blocking(LeaseLock lock, long wait, String detail, boolean canBeInterrupted, Acquisition acquisition) {
        long number = requested(lock.name(), Duration.ofNanos(wait), detail);
        interruptible = canBeInterrupted;
        Optional<LockHandle> handle;
        int interrupts = interrupts();
        try {
            handle = acquisition.get();
            checkFlag(lock.name(), number, interrupts);
        } catch (InterruptedException | LockException | IllegalStateException failure) {
            notGranted(lock.name(), number, failure);
            return;
        }
        if (handle.isEmpty()) {
            notGranted(lock.name(), number, null);
            return;
        }
        Jvm.Hold hold = granted(number, handle.get(), lock);
        pause(holding());
        work(hold);
        jvm.releasing(hold);
        if (world.chance(80)) {
            int before = interrupts();
            hold.handle().release();
            checkFlag(lock.name(), number, before);
            jvm.released(hold, true);
        } else {
            releaseInBackground(hold);
        }
    }

    private void releaseInBackground(Jvm.Hold hold) {
        hold.handle().releaseAsync().thenRun(() -> jvm.released(hold, false));
    }

    /** Through the view as a {@code java.util.concurrent.locks.Lock}, entered once or twice. */
    private void viewed(LeaseLock lock) {
        Lock view = lock.asLock();
        int way = world.random().nextInt(3);
        long wait = way == 0 ? patience().toNanos() : FOREVER;
        long number = requested(
                lock.name(),
                way == 0 && wait == 0 ? Jvm.REQUEST_TIMEOUT : Duration.ofNanos(wait),
                way == 0 && wait == 0 ? Event.TRY : "");
        interruptible = way == 1 || (way == 0 && wait > 0);
        boolean got;
        int interrupts = interrupts();
        try {
            got = switch (way) {
                case 0 -> view.tryLock(wait, TimeUnit.NANOSECONDS);
                case 1 -> {
                    view.lockInterruptibly();
                    yield true;
                }
                default -> {
                    view.lock();
                    yield true;
                }
            };
            checkFlag(lock.name(), number, interrupts);
        } catch (InterruptedException | LockException | IllegalStateException failure) {
            notGranted(lock.name(), number, failure);
            return;
        }
        if (!got) {
            notGranted(lock.name(), number, null);
            return;
        }
        LockHandle handle = jvm.untaken(lock.name());
        for (int i = 0; i < 1_000 && handle == null; i++) {
            Thread.interrupted();
            pause(Duration.ofMillis(1));
            handle = jvm.untaken(lock.name());
        }
        if (handle == null) {
            throw new IllegalStateException("Nobody was told of a hold of '" + lock.name() + "'");
        }
        Jvm.Hold hold = granted(number, handle, lock);
        pause(holding());
        boolean again = world.chance(30) && entered(view, hold);
        work(hold);
        if (again) {
            view.unlock();
            boolean ended = handle.loss().isPresent();
            // The outer one still holds.
            pause(Duration.ofNanos(world.upTo(500_000_000)));
            if (!jvm.ask(hold) && !ended) {
                checkNotReleased(hold);
            }
        }
        jvm.releasing(hold);
        boolean told = false;
        int before = interrupts();
        try {
            view.unlock();
        } catch (LockException lost) {
            told = true;
        }
        checkFlag(lock.name(), number, before);
        if (told != handle.loss().isPresent()) {
            jvm.contradicted(hold, "unlock() says " + (told ? "lost" : "released") + ", loss() " + handle.loss());
        }
        jvm.released(hold, true);
    }

    private boolean entered(Lock view, Jvm.Hold hold) {
        try {
            boolean entered = view.tryLock();
            if (entered && !jvm.ask(hold)) {
                jvm.contradicted(hold, "entered again, but not held");
            }
            return entered;
        } catch (LockException lost) {
            return false;
        }
    }

    private void checkNotReleased(Jvm.Hold hold) {
        try {
            hold.handle().ensureHeld();
        } catch (LockException lost) {
            // So it is, or in doubt.
        } catch (IllegalStateException released) {
            jvm.contradicted(hold, "the inner unlock() gave back what the outer one holds");
        }
    }

    private long requested(String name, Duration wait, String detail) {
        long number = world.nextCall();
        call = number;
        waiting = true;
        interruptible = false;
        jvm.record(Event.Kind.REQUESTED, name, number, wait.toNanos(), detail);
        return number;
    }

    private Jvm.Hold granted(long number, LockHandle handle, LeaseLock lock) {
        waiting = false;
        Jvm.Hold hold = jvm.granted(number, handle, lock.options().renew());
        jvm.ask(hold);
        return hold;
    }

    private void notGranted(String name, long number, @Nullable Throwable failure) {
        waiting = false;
        busy = false;
        jvm.record(
                Event.Kind.NOT_GRANTED,
                name,
                number,
                0,
                failure == null ? "" : failure.getClass().getSimpleName());
    }

    /** Writes: at once if it is asked first, or later than it should. */
    private void work(Jvm.Hold hold) {
        LockHandle handle = hold.handle();
        if (jvm.ask(hold)) {
            resource.write(handle.name(), handle.fencingToken(), true);
        }
        if (world.chance(20)) {
            world.after(world.upToMillis(10_000), () -> resource.write(handle.name(), handle.fencingToken(), false));
        }
    }

    private void pause(Duration duration) {
        SimulatedThread current = SimulatedThread.current();
        if (current == null) {
            throw new IllegalStateException("Not on a thread of the simulation");
        }
        try {
            current.await(new CompletableFuture<>(), duration.toNanos());
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration patience() {
        int kind = world.random().nextInt(10);
        if (kind < 2) {
            return Duration.ZERO;
        }
        if (world.chance(5)) {
            return Duration.ofHours(1);
        }
        return Duration.ofNanos(1_000_000 + world.upTo(kind < 4 ? 200_000_000 : LONGEST_WAIT.toNanos()));
    }

    private Duration holding() {
        int kind = world.random().nextInt(10);
        return Duration.ofNanos(world.upTo(kind < 6 ? 300_000_000L : kind < 9 ? 4_000_000_000L : 20_000_000_000L));
    }
}
