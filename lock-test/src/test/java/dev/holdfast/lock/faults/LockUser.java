package dev.holdfast.lock.faults;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockConflictException;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockNotAcquiredException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.ReadWriteLeaseLock;
import dev.holdfast.lock.engine.HoldOf;
import dev.holdfast.lock.history.Event;
import dev.holdfast.lock.history.Event.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One thread of a worker: asks for locks in every way there is, and while it holds one says so every few milliseconds and updates the
 * resource. Writes everything down.
 */
final class LockUser implements Runnable {

    /** How a user spends its time. */
    enum Habit {
        /** Holds one name until told otherwise: whatever breaks, somebody holds it. */
        KEEPING,
        /** Wants what another worker keeps, and has it for a short while. */
        CLAIMING,
        /** Never asks whether it still holds, and writes late: the resource has to refuse it. */
        BLIND,
        /** All ways of asking, short holds. */
        MIXED,
        /** The same with permits, read and write holds, downgrades and several names at once. */
        KINDS,
        /** Up to ten names at once, again and again. */
        SETS,
        /** Holds a permit, a read or a write hold until told otherwise. */
        KEEPING_PERMIT,
        READING,
        WRITING
    }

    private static final Duration POLL = Duration.ofMillis(5);
    private static final Duration KEEP = Duration.ofSeconds(25);
    private static final Duration PATIENCE = Duration.ofSeconds(8);
    private static final Duration MORE_PATIENCE = Duration.ofSeconds(25);
    private static final int MOST_NAMES = 10;
    private static final long WRITE_EVERY_NANOS = 40_000_000;

    /** What a call that does not wait for others may take. */
    private static final Duration REQUEST = Duration.ofSeconds(2);

    private final WorkerOptions options;
    private final LockRegistry registry;
    private final EventLog log;
    private final HoldNumbers holds;
    private final AtomicLong calls;
    private final int number;
    private final Habit habit;
    private final Random random;
    private final Resource resource;
    private final Interrupter interrupter = new Interrupter();
    private volatile boolean stopping;

    LockUser(
            WorkerOptions options,
            LockRegistry registry,
            EventLog log,
            HoldNumbers holds,
            AtomicLong calls,
            int number) {
        this.options = options;
        this.registry = registry;
        this.log = log;
        this.holds = holds;
        this.calls = calls;
        this.number = number;
        this.habit = options.habits().get(number);
        this.random = new Random(options.seed() * 31 + number);
        this.resource = new Resource(options.resourcePort());
    }

    void stop() {
        stopping = true;
    }

    @Override
    public void run() {
        while (!stopping) {
            switch (habit) {
                case KEEPING -> keep(Wish.exclusive(options.keeps()), PATIENCE, KEEP);
                case CLAIMING ->
                    keep(Wish.exclusive(options.claims()), PATIENCE, Duration.ofMillis(200 + random.nextInt(800)));
                case BLIND -> writeBlindly();
                case MIXED -> useSomehow(Wish.exclusive(any()));
                case KINDS -> useSomehow(anyKind());
                case SETS -> useSet();
                case KEEPING_PERMIT ->
                    keep(Wish.permit(options.semaphores().get(0), WorkerOptions.PERMITS), MORE_PATIENCE, KEEP);
                case READING -> keep(Wish.reading(options.pairs().get(0)), MORE_PATIENCE, KEEP);
                case WRITING -> keep(Wish.writing(options.pairs().get(0)), MORE_PATIENCE, KEEP);
            }
            pause(Duration.ofMillis(random.nextInt(30)));
        }
    }

    /** Every name must be had. */
    void probe(Duration within) {
        for (Wish.Of each : options.all()) {
            keep(wish(each, within, true), within, Event.PROBE, Duration.ofMillis(20));
        }
    }

    private void keep(Wish.Of what, Duration patience, Duration duration) {
        keep(wish(what, patience, true), patience, "", duration);
    }

    private void keep(Wish wish, Duration patience, String detail, Duration duration) {
        LockHandle handle = ask(wish, patience, detail, lock -> lock.tryAcquire(patience));
        if (handle != null) {
            hold(wish, handle, duration);
            release(handle);
        }
    }

    private void writeBlindly() {
        String name = any();
        Duration wait = Duration.ofMillis(500 + random.nextInt(2_000));
        LockHandle handle = ask(wish(Wish.exclusive(name), wait, true), wait, "", lock -> lock.tryAcquire(wait));
        if (handle == null) {
            return;
        }
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(400));
        do {
            increment(name, handle, draw(handle));
            pause(Duration.ofMillis(10 + random.nextInt(50)));
        } while (System.nanoTime() - until < 0 && !stopping);
        release(handle);
        if (random.nextInt(3) == 0) {
            pause(Duration.ofMillis(random.nextInt(200)));
            increment(name, handle, draw(handle));
        }
    }

    /** The token; 0: there is none to be had. */
    private long draw(LockHandle handle) {
        long token;
        try {
            token = handle.fencingToken();
        } catch (LockLostException | LockUnavailableException none) {
            return 0;
        } catch (IllegalStateException released) {
            return 0;
        }
        holds.drawn(handle, token);
        return token;
    }

    private void increment(String name, LockHandle handle, long token) {
        if (token != 0) {
            resource.increment(name, holds.number(handle), token);
        }
    }

    /** The detail of the request says who: each must get on. */
    private void useSet() {
        Wish.Of set = Wish.set(some(1 + random.nextInt(MOST_NAMES)));
        keep(wish(set, MORE_PATIENCE, true), MORE_PATIENCE, "user " + number, Duration.ofMillis(random.nextInt(20)));
    }

    private void useSomehow(Wish.Of what) {
        Duration wait = Duration.ofMillis(200 + random.nextInt(2_500));
        int way = random.nextInt(9);
        Wish wish = wish(what, wait, way < 8);
        LockHandle handle = switch (way) {
            case 0, 1 -> ask(wish, wait, "acquire", lock -> Optional.of(lock.acquire()));
            case 2 -> ask(wish, REQUEST, Event.TRY, LeaseLock::tryAcquire);
            case 3, 4 -> ask(wish, wait, "", lock -> lock.tryAcquire(wait));
            case 5 -> askAsync(wish, wait, null);
            case 6 -> askAsync(wish, wait, Duration.ofMillis(random.nextInt(600)));
            case 7 -> askInterrupted(wish, wait, Duration.ofMillis(random.nextInt(600)));
            default -> ask(wish, wait, "no renewal", lock -> lock.tryAcquire(wait));
        };
        if (handle == null) {
            return;
        }
        hold(wish, handle, shortly());
        ReadWriteLeaseLock pair = wish.pair();
        if (pair != null && random.nextInt(5) < 2) {
            handle = downgraded(handle, pair);
            if (handle == null) {
                return;
            }
            hold(wish(Wish.reading(pair.name()), wait, true), handle, shortly());
        }
        if (random.nextInt(4) == 0) {
            releasing(handle);
            handle.releaseAsync();
        } else {
            release(handle);
        }
    }

    /** Not for longer than a hold without renewal lasts. */
    private Duration shortly() {
        return Duration.ofMillis(random.nextInt(5) == 0 ? random.nextInt(800) : random.nextInt(80));
    }

    private Wish.Of anyKind() {
        return switch (random.nextInt(8)) {
            case 0, 1 -> Wish.permit(options.semaphores().get(0), WorkerOptions.PERMITS);
            case 2, 3 -> Wish.reading(options.pairs().get(0));
            case 4, 5 -> Wish.writing(options.pairs().get(0));
            default -> Wish.set(some(2 + random.nextInt(options.names().size() - 1)));
        };
    }

    private interface Question {
        Optional<LockHandle> ask(LeaseLock lock) throws InterruptedException;
    }

    private @Nullable LockHandle ask(Wish wish, Duration wait, String detail, Question question) {
        return ask(calls.getAndIncrement(), wish, wait, detail, question);
    }

    private @Nullable LockHandle ask(long call, Wish wish, Duration wait, String detail, Question question) {
        requested(call, wish, wait, detail);
        try {
            return ended(call, wish, question.ask(wish.lock()));
        } catch (LockNotAcquiredException busy) {
            return ended(call, wish, Optional.empty());
        } catch (LockException failure) {
            return failed(call, wish, failure);
        } catch (InterruptedException interrupted) {
            return failed(call, wish, "interrupted");
        }
    }

    private @Nullable LockHandle askInterrupted(Wish wish, Duration wait, Duration after) {
        long call = calls.getAndIncrement();
        interrupter.begin(Thread.currentThread(), after, () -> {
            log.write(System.nanoTime(), Kind.INTERRUPTED, wish.name(), call, 0, "interrupt");
        });
        try {
            return ask(call, wish, wait, "to be interrupted", lock -> lock.tryAcquire(wait));
        } finally {
            interrupter.end();
        }
    }

    private @Nullable LockHandle askAsync(Wish wish, Duration wait, @Nullable Duration cancelAfter) {
        long call = calls.getAndIncrement();
        requested(call, wish, wait, "async");
        CompletableFuture<Optional<LockHandle>> answer = wish.lock().tryAcquireAsync(wait);
        try {
            if (cancelAfter == null) {
                return ended(call, wish, answer.join());
            }
            return ended(call, wish, answer.get(cancelAfter.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException | InterruptedException notYet) {
            log.write(System.nanoTime(), Kind.INTERRUPTED, wish.name(), call, 0, "cancel");
            return answer.cancel(true) ? failed(call, wish, "cancelled") : ended(call, wish, answer.join());
        } catch (CompletionException | ExecutionException failure) {
            return failed(call, wish, failure.getCause());
        }
    }

    private Wish wish(Wish.Of what, Duration wait, boolean renew) {
        return what.with(
                registry,
                LockOptions.defaults().withTtl(options.ttl()).withWaitTime(wait).withRenew(renew));
    }

    private void requested(long call, Wish wish, Duration wait, String detail) {
        log.write(System.nanoTime(), Kind.REQUESTED, wish.name(), call, wait.toNanos(), detail, wish.terms());
    }

    private @Nullable LockHandle ended(long call, Wish wish, Optional<LockHandle> answer) {
        long now = System.nanoTime();
        if (answer.isEmpty()) {
            log.write(now, Kind.NOT_GRANTED, wish.name(), call, 0, "busy");
            return null;
        }
        LockHandle handle = answer.get();
        holds.granted(now, handle, call);
        return handle;
    }

    private @Nullable LockHandle failed(long call, Wish wish, @Nullable Throwable failure) {
        if (failure instanceof LockConflictException) {
            log.write(
                    System.nanoTime(),
                    Kind.CONTRADICTED,
                    wish.name(),
                    call,
                    0,
                    "all users of the name agree, but " + failure.getMessage());
        }
        return failed(call, wish, failure == null ? "" : failure.getClass().getSimpleName());
    }

    private @Nullable LockHandle failed(long call, Wish wish, String how) {
        log.write(System.nanoTime(), Kind.NOT_GRANTED, wish.name(), call, 0, how);
        return null;
    }

    private void hold(Wish wish, LockHandle handle, Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        long nextWrite = System.nanoTime();
        // Some never ask for the token of a hold that was passed on.
        boolean writes = HoldOf.token(handle) != 0 || random.nextInt(3) > 0;
        do {
            long asked = System.nanoTime();
            boolean held = options.careless() || handle.isHeld();
            if (!held) {
                holds.write(System.nanoTime(), Kind.NOT_HELD, handle, 0, "");
                return;
            }
            holds.write(asked, Kind.HELD, handle, 0, "");
            if (wish.exclusive() && writes && System.nanoTime() - nextWrite >= 0) {
                long token = draw(handle);
                wish.names().forEach(name -> increment(name, handle, token));
                nextWrite = System.nanoTime() + WRITE_EVERY_NANOS;
            }
            pause(POLL);
        } while (System.nanoTime() - end < 0 && !stopping);
    }

    /** From writer to reader; null if it was lost before. */
    private @Nullable LockHandle downgraded(LockHandle writing, ReadWriteLeaseLock pair) {
        holds.downgrading(writing);
        holds.write(System.nanoTime(), Kind.DOWNGRADING, writing, 0, "");
        try {
            LockHandle reading = pair.downgrade(writing);
            holds.write(System.nanoTime(), Kind.DOWNGRADED, reading, 0, "");
            return reading;
        } catch (LockLostException lost) {
            return null;
        }
    }

    private void release(LockHandle handle) {
        releasing(handle);
        handle.release();
    }

    private void releasing(LockHandle handle) {
        holds.write(System.nanoTime(), Kind.RELEASING, handle, 0, "");
    }

    private String any() {
        return options.names().get(random.nextInt(options.names().size()));
    }

    private List<String> some(int count) {
        List<String> names = new ArrayList<>(options.names());
        Collections.shuffle(names, random);
        return names.subList(0, Math.min(count, names.size()));
    }

    private static void pause(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
