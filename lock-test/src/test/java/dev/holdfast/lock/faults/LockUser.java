package dev.holdfast.lock.faults;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockNotAcquiredException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.history.Event;
import dev.holdfast.lock.history.Event.Kind;
import java.time.Duration;
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
        MIXED
    }

    private static final Duration POLL = Duration.ofMillis(5);
    private static final Duration KEEP = Duration.ofSeconds(25);
    private static final Duration PATIENCE = Duration.ofSeconds(8);
    private static final long WRITE_EVERY_NANOS = 40_000_000;

    /** What a call that does not wait for others may take. */
    private static final Duration REQUEST = Duration.ofSeconds(2);

    private final WorkerOptions options;
    private final LockRegistry registry;
    private final EventLog log;
    private final AtomicLong calls;
    private final Habit habit;
    private final Random random;
    private final Resource resource;
    private final Interrupter interrupter = new Interrupter();
    private volatile boolean stopping;

    LockUser(WorkerOptions options, LockRegistry registry, EventLog log, AtomicLong calls, int number) {
        this.options = options;
        this.registry = registry;
        this.log = log;
        this.calls = calls;
        this.habit = Habit.values()[Math.min(number, Habit.MIXED.ordinal())];
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
                case KEEPING -> keep(options.keeps(), KEEP);
                case CLAIMING -> keep(options.claims(), Duration.ofMillis(200 + random.nextInt(800)));
                case BLIND -> writeBlindly();
                case MIXED -> useSomehow();
            }
            pause(Duration.ofMillis(random.nextInt(30)));
        }
    }

    /** Every name must be had. */
    void probe(Duration within) {
        for (String name : options.allNames()) {
            LockHandle handle = ask(name, within, Event.PROBE, lock -> lock.tryAcquire(within));
            if (handle != null) {
                hold(handle, Duration.ofMillis(20));
                release(handle);
            }
        }
    }

    private void keep(String name, Duration duration) {
        LockHandle handle = ask(name, PATIENCE, "", lock -> lock.tryAcquire(PATIENCE));
        if (handle != null) {
            hold(handle, duration);
            release(handle);
        }
    }

    private void writeBlindly() {
        String name = any();
        Duration wait = Duration.ofMillis(500 + random.nextInt(2_000));
        LockHandle handle = ask(name, wait, "", lock -> lock.tryAcquire(wait));
        if (handle == null) {
            return;
        }
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(400));
        do {
            resource.increment(name, handle.fencingToken());
            pause(Duration.ofMillis(10 + random.nextInt(50)));
        } while (System.nanoTime() - until < 0 && !stopping);
        release(handle);
        if (random.nextInt(3) == 0) {
            pause(Duration.ofMillis(random.nextInt(200)));
            resource.increment(name, handle.fencingToken());
        }
    }

    private void useSomehow() {
        String name = any();
        Duration wait = Duration.ofMillis(200 + random.nextInt(2_500));
        LockHandle handle = switch (random.nextInt(9)) {
            case 0, 1 -> ask(name, wait, "acquire", lock -> Optional.of(lock.acquire()));
            case 2 -> ask(name, REQUEST, Event.TRY, LeaseLock::tryAcquire);
            case 3, 4 -> ask(name, wait, "", lock -> lock.tryAcquire(wait));
            case 5 -> askAsync(name, wait, null);
            case 6 -> askAsync(name, wait, Duration.ofMillis(random.nextInt(600)));
            case 7 -> askInterrupted(name, wait, Duration.ofMillis(random.nextInt(600)));
            default -> ask(name, wait, "no renewal", lock -> lock.tryAcquire(wait), false);
        };
        if (handle != null) {
            // Not for longer than a hold without renewal lasts.
            hold(handle, Duration.ofMillis(random.nextInt(5) == 0 ? random.nextInt(800) : random.nextInt(80)));
            if (random.nextInt(4) == 0) {
                releasing(handle);
                handle.releaseAsync();
            } else {
                release(handle);
            }
        }
    }

    private interface Question {
        Optional<LockHandle> ask(LeaseLock lock) throws InterruptedException;
    }

    private @Nullable LockHandle ask(String name, Duration wait, String detail, Question question) {
        return ask(name, wait, detail, question, true);
    }

    private @Nullable LockHandle ask(String name, Duration wait, String detail, Question question, boolean renew) {
        return ask(calls.getAndIncrement(), name, wait, detail, question, renew);
    }

    private @Nullable LockHandle ask(
            long call, String name, Duration wait, String detail, Question question, boolean renew) {
        LeaseLock lock = lock(name, wait, renew);
        log.write(System.nanoTime(), Kind.REQUESTED, name, call, wait.toNanos(), detail);
        try {
            return ended(call, name, question.ask(lock));
        } catch (LockNotAcquiredException busy) {
            return ended(call, name, Optional.empty());
        } catch (LockException failure) {
            return failed(call, name, failure.getClass().getSimpleName());
        } catch (InterruptedException interrupted) {
            return failed(call, name, "interrupted");
        }
    }

    private @Nullable LockHandle askInterrupted(String name, Duration wait, Duration after) {
        long call = calls.getAndIncrement();
        interrupter.begin(Thread.currentThread(), after, () -> {
            log.write(System.nanoTime(), Kind.INTERRUPTED, name, call, 0, "interrupt");
        });
        try {
            return ask(call, name, wait, "to be interrupted", lock -> lock.tryAcquire(wait), true);
        } finally {
            interrupter.end();
        }
    }

    private @Nullable LockHandle askAsync(String name, Duration wait, @Nullable Duration cancelAfter) {
        long call = calls.getAndIncrement();
        LeaseLock lock = lock(name, wait, true);
        log.write(System.nanoTime(), Kind.REQUESTED, name, call, wait.toNanos(), "async");
        CompletableFuture<Optional<LockHandle>> answer = lock.tryAcquireAsync(wait);
        try {
            if (cancelAfter == null) {
                return ended(call, name, answer.join());
            }
            return ended(call, name, answer.get(cancelAfter.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException | InterruptedException notYet) {
            log.write(System.nanoTime(), Kind.INTERRUPTED, name, call, 0, "cancel");
            return answer.cancel(true) ? failed(call, name, "cancelled") : ended(call, name, answer.join());
        } catch (CompletionException | ExecutionException failure) {
            return failed(call, name, String.valueOf(failure.getCause()));
        }
    }

    private LeaseLock lock(String name, Duration wait, boolean renew) {
        return registry.lock(
                name,
                LockOptions.defaults().withTtl(options.ttl()).withWaitTime(wait).withRenew(renew));
    }

    private @Nullable LockHandle ended(long call, String name, Optional<LockHandle> answer) {
        long now = System.nanoTime();
        if (answer.isEmpty()) {
            log.write(now, Kind.NOT_GRANTED, name, call, 0, "busy");
            return null;
        }
        LockHandle handle = answer.get();
        log.write(now, Kind.GRANTED, name, call, handle.fencingToken(), "");
        return handle;
    }

    private @Nullable LockHandle failed(long call, String name, String how) {
        log.write(System.nanoTime(), Kind.NOT_GRANTED, name, call, 0, how);
        return null;
    }

    private void hold(LockHandle handle, Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        long nextWrite = System.nanoTime();
        do {
            long asked = System.nanoTime();
            boolean held = options.careless() || handle.isHeld();
            if (!held) {
                log.write(System.nanoTime(), Kind.NOT_HELD, handle.name(), 0, handle.fencingToken(), "");
                return;
            }
            log.write(asked, Kind.HELD, handle.name(), 0, handle.fencingToken(), "");
            if (System.nanoTime() - nextWrite >= 0) {
                resource.increment(handle.name(), handle.fencingToken());
                nextWrite = System.nanoTime() + WRITE_EVERY_NANOS;
            }
            pause(POLL);
        } while (System.nanoTime() - end < 0 && !stopping);
    }

    private void release(LockHandle handle) {
        releasing(handle);
        handle.release();
    }

    private void releasing(LockHandle handle) {
        log.write(System.nanoTime(), Kind.RELEASING, handle.name(), 0, handle.fencingToken(), "");
    }

    private String any() {
        return options.names().get(random.nextInt(options.names().size()));
    }

    private static void pause(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
