package dev.holdfast.lock.simulation;

import dev.holdfast.lock.LeaderElection;
import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.ReleaseMode;
import dev.holdfast.lock.engine.HoldOf;
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

    /** How often it asks again at once. */
    private int rushing;

    private boolean quiet;

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

    /** Begins something, and more as soon as that is over. */
    void rush() {
        if (!quiet) {
            rushing = 1 + world.random().nextInt(10);
            act();
        }
    }

    /** Begins nothing more. */
    void quieten() {
        quiet = true;
        rushing = 0;
    }

    private void done() {
        busy = false;
        if (rushing > 0) {
            world.after(
                    world.upToMillis(2),
                    () -> jvm.machine().gate(() -> {
                        if (rushing > 0 && !busy) {
                            rushing--;
                            act();
                        }
                    }));
        }
    }

    /** Begins something, unless busy. */
    void act() {
        if (busy || !jvm.open()) {
            return;
        }
        boolean renew = !world.chance(20);
        LockOptions options = LockOptions.defaults()
                .withTtl(plan.ttl())
                .withRenew(renew)
                .withWaitTime(Duration.ofNanos(world.upTo(LONGEST_WAIT.toNanos())));
        if (plan.caps()) {
            options = capped(options);
        }
        Wish wish = rushing > 0 && world.chance(80)
                ? Wish.asUsed(world, plan, jvm.engine(), options, plan.names().get(0))
                : Wish.draw(world, plan, jvm.engine(), options);
        if (wish.elected(plan) && !renew) {
            wish = Wish.asUsed(world, plan, jvm.engine(), options.withRenew(true), wish.name());
        }
        busy = true;
        begin(wish);
    }

    private void begin(Wish wish) {
        if (wish.elected(plan) || world.chance(plan.threadPercent())) {
            thread = jvm.machine().thread(() -> onThread(wish));
        } else {
            asynchronously(wish, patience(), false);
        }
    }

    private LockOptions capped(LockOptions options) {
        LockOptions capped = options;
        if (world.chance(25)) {
            capped = capped.withMaxHold(Duration.ofNanos(
                    rushing > 0 ? 5_000_000 + world.upToMillis(40) : 200_000_000 + world.upTo(4_000_000_000L)));
        }
        if (world.chance(25)) {
            long most = capped.maxHold().isZero()
                    ? 3_000_000_000L
                    : capped.maxHold().toNanos();
            capped = capped.withHoldAtLeast(Duration.ofNanos(world.upTo(Math.min(most, 3_000_000_000L))));
        }
        return capped;
    }

    /** Asks until it is granted, for as long as it can take at worst. */
    void probe(String name) {
        busy = true;
        asynchronously(Wish.asUsed(world, plan, jvm.engine(), jvm.engine().defaults(), name), plan.recovery(), true);
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

    private void asynchronously(Wish wish, Duration wait, boolean probe) {
        LeaseLock lock = wish.lock();
        boolean once = wait.isZero();
        long number = requested(wish, once ? Jvm.REQUEST_TIMEOUT : wait, probe ? Event.PROBE : once ? Event.TRY : "");
        CompletableFuture<Optional<LockHandle>> answer;
        try {
            answer = lock.tryAcquireAsync(wait);
        } catch (IllegalStateException closed) {
            notGranted(wish.name(), number, closed);
            return;
        }
        future = answer;
        answer.whenComplete((handle, failure) -> {
            future = null;
            if (failure != null || handle.isEmpty()) {
                notGranted(wish.name(), number, failure);
                return;
            }
            Jvm.Hold hold = granted(number, handle.get(), wish);
            jvm.machine().schedule(probe ? Duration.ofMillis(1) : holding(), () -> {
                work(hold);
                jvm.releasing(hold);
                releaseInBackground(hold);
                afterwards(hold);
                done();
            });
        });
    }

    private void onThread(Wish wish) {
        LeaseLock lock = wish.lock();
        try {
            // A view shows no handle, and of holds side by side nobody could tell which is its.
            switch (wish.exclusive() && !wish.elected(plan) ? world.random().nextInt(7) : 3) {
                case 0 -> blocking(wish, Jvm.REQUEST_TIMEOUT.toNanos(), Event.TRY, false, lock::tryAcquire);
                case 1 ->
                    blocking(wish, lock.options().waitTime().toNanos(), "", true, () -> Optional.of(lock.acquire()));
                case 2 -> viewed(wish);
                case 3 -> {
                    Duration wait = patience();
                    if (wish.elected(plan)) {
                        campaign(wish, wait);
                    } else {
                        blockingFor(wish, wait);
                    }
                }
                default -> blockingFor(wish, patience());
            }
        } catch (RuntimeException unexpected) {
            jvm.record(Event.Kind.CONTRADICTED, lock.name(), call, 0, "nobody expects " + unexpected);
        } finally {
            Thread.interrupted();
            waiting = false;
            done();
        }
    }

    private void campaign(Wish wish, Duration wait) {
        LeaderElection election = jvm.engine().election(wish.name(), wish.lock().options());
        boolean once = wait.isZero();
        blocking(
                wish,
                once ? Jvm.REQUEST_TIMEOUT.toNanos() : wait.toNanos(),
                once ? Event.TRY : "",
                !once,
                () -> election.campaign("me", wait).map(leadership -> leadership));
    }

    private void blockingFor(Wish wish, Duration wait) {
        boolean once = wait.isZero();
        blocking(
                wish,
                once ? Jvm.REQUEST_TIMEOUT.toNanos() : wait.toNanos(),
                once ? Event.TRY : "",
                !once,
                () -> wish.lock().tryAcquire(wait));
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

    private void blocking(Wish wish, long wait, String detail, boolean canBeInterrupted, Acquisition acquisition) {
        long number = requested(wish, Duration.ofNanos(wait), detail);
        interruptible = canBeInterrupted;
        Optional<LockHandle> handle;
        int interrupts = interrupts();
        try {
            handle = acquisition.get();
            checkFlag(wish.name(), number, interrupts);
        } catch (InterruptedException | LockException | IllegalStateException failure) {
            notGranted(wish.name(), number, failure);
            return;
        }
        if (handle.isEmpty()) {
            notGranted(wish.name(), number, null);
            return;
        }
        Jvm.@Nullable Hold hold = granted(number, handle.get(), wish);
        pause(holding());
        work(hold);
        if (wish.pair() != null && world.chance(40)) {
            hold = jvm.downgraded(hold, wish.pair());
            if (hold == null) {
                return;
            }
            if (world.chance(30)) {
                drawAndWrite(hold);
            }
            pause(holding());
        }
        jvm.releasing(hold);
        if (world.chance(80)) {
            int before = interrupts();
            hold.handle().release();
            checkFlag(wish.name(), number, before);
            released(hold);
        } else {
            releaseInBackground(hold);
        }
        afterwards(hold);
    }

    /** A release of his has returned. */
    private void released(Jvm.Hold hold) {
        if (plan.release() == ReleaseMode.SYNC) {
            jvm.released(hold, true);
        } else {
            releaseInBackground(hold);
        }
    }

    /** Who asks for the token too late gets one only if it was drawn before. */
    private void afterwards(Jvm.Hold hold) {
        if (hold.wish().exclusive() && world.chance(5)) {
            onAnotherThread(0, () -> jvm.draw(hold));
        }
        if (world.chance(plan.caps() ? 30 : 3)) {
            // Twice does no harm, whoever holds by then.
            world.after(
                    world.upToMillis(world.chance(70) ? 80 : 5_000),
                    () -> jvm.machine().gate(() -> hold.handle().releaseAsync()));
        }
    }

    private void onAnotherThread(long afterNanos, Runnable body) {
        world.after(afterNanos, () -> jvm.machine().gate(() -> jvm.machine().thread(body)));
    }

    private void releaseInBackground(Jvm.Hold hold) {
        hold.handle().releaseAsync().thenRun(() -> jvm.released(hold, false));
    }

    /** Through the view as a {@code java.util.concurrent.locks.Lock}, entered once or twice. */
    private void viewed(Wish wish) {
        LeaseLock lock = wish.lock();
        Lock view = lock.asLock();
        int way = world.random().nextInt(3);
        long wait = way == 0 ? patience().toNanos() : FOREVER;
        long number = requested(
                wish,
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
            notGranted(wish.name(), number, failure);
            return;
        }
        if (!got) {
            notGranted(wish.name(), number, null);
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
        Jvm.Hold hold = granted(number, handle, wish);
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
        released(hold);
        afterwards(hold);
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

    private long requested(Wish wish, Duration wait, String detail) {
        long number = world.nextCall();
        call = number;
        waiting = true;
        interruptible = false;
        jvm.calls();
        jvm.record(Event.Kind.REQUESTED, wish.name(), number, wait.toNanos(), detail, wish.terms());
        return number;
    }

    private Jvm.Hold granted(long number, LockHandle handle, Wish wish) {
        waiting = false;
        Jvm.Hold hold = jvm.granted(number, handle, wish);
        jvm.ask(hold);
        return hold;
    }

    private void notGranted(String name, long number, @Nullable Throwable failure) {
        waiting = false;
        jvm.record(
                Event.Kind.NOT_GRANTED,
                name,
                number,
                0,
                failure == null ? "" : failure.getClass().getSimpleName());
        done();
    }

    /** Writes, if nobody else may: at once if it is asked first, or later than it should. */
    private void work(Jvm.Hold hold) {
        boolean held = jvm.ask(hold);
        if (plan.caps() && world.chance(20)) {
            jvm.extend(hold, capped(LockOptions.defaults()));
        }
        if (!hold.wish().exclusive()) {
            return;
        }
        if (HoldOf.token(hold.handle()) != 0) {
            write(hold, jvm.draw(hold), held);
        } else if (world.chance(40)) {
            if (SimulatedThread.current() == null) {
                onAnotherThread(0, () -> drawAndWrite(hold));
            } else {
                drawAndWrite(hold);
            }
        } else if (world.chance(40)) {
            // Perhaps at the very moment when it is given back.
            onAnotherThread(world.upToMillis(5), () -> drawAndWrite(hold));
        }
    }

    private void drawAndWrite(Jvm.Hold hold) {
        long token = jvm.draw(hold);
        if (token != 0) {
            write(hold, token, jvm.has(hold) && jvm.ask(hold));
        }
    }

    private void write(Jvm.Hold hold, long token, boolean held) {
        long number = jvm.number(hold.handle());
        for (String name : hold.wish().names()) {
            if (held) {
                resource.write(name, number, token, true);
            }
            if (world.chance(20)) {
                world.after(world.upToMillis(10_000), () -> resource.write(name, number, token, false));
            }
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
        if (rushing > 0 && world.chance(90)) {
            return Duration.ofNanos(world.upToMillis(world.chance(80) ? 2 : 30));
        }
        int kind = world.random().nextInt(10);
        return Duration.ofNanos(world.upTo(kind < 6 ? 300_000_000L : kind < 9 ? 4_000_000_000L : 20_000_000_000L));
    }
}
