package dev.holdfast.lock.simulation;

import dev.holdfast.lock.history.Promise;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/** Many seeds on all cores. Of those that break a promise the first are written to files in full, to be read; each can be run again. */
final class Seeds {

    /** Histories kept for each promise. */
    private static final int WRITTEN = 3;

    private final LongFunction<Simulation.Result> simulation;
    private final Path directory;
    private final List<String> failures = Collections.synchronizedList(new ArrayList<>());
    private final Map<Promise, Integer> broken = Collections.synchronizedMap(new EnumMap<>(Promise.class));
    private final AtomicLong run = new AtomicLong();
    private final AtomicLong events = new AtomicLong();
    private final AtomicInteger failed = new AtomicInteger();

    Seeds(LongFunction<Simulation.Result> simulation, Path directory) {
        this.simulation = simulation;
        this.directory = directory;
    }

    /** Runs so many seeds, or until the time is up. */
    void run(long first, long count, Duration atMost) throws InterruptedException {
        int threads = Runtime.getRuntime().availableProcessors();
        long end = System.nanoTime() + atMost.toNanos();
        AtomicLong next = new AtomicLong(first);
        CountDownLatch done = new CountDownLatch(threads);
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            for (long seed = next.getAndIncrement();
                                    seed < first + count && System.nanoTime() - end < 0;
                                    seed = next.getAndIncrement()) {
                                note(seed);
                            }
                        } finally {
                            done.countDown();
                        }
                    },
                    "simulation-" + i);
            thread.setDaemon(true);
            thread.start();
        }
        done.await();
    }

    /** Seeds that were run. */
    long count() {
        return run.get();
    }

    long events() {
        return events.get();
    }

    /** Seeds that broke a promise. */
    int failed() {
        return failed.get();
    }

    Map<Promise, Integer> broken() {
        return broken;
    }

    /** The first of them, each with its first broken promise and the file of its history. */
    List<String> failures() {
        return failures;
    }

    private void note(long seed) {
        try {
            Simulation.Result result = simulation.apply(seed);
            events.addAndGet(result.history().events().size());
            if (!result.violations().isEmpty()) {
                failed(result);
            }
        } catch (RuntimeException | Error failure) {
            failed.incrementAndGet();
            failures.add("seed " + seed + " ended with " + failure);
        }
        run.incrementAndGet();
    }

    private void failed(Simulation.Result result) {
        failed.incrementAndGet();
        if (broken.merge(result.violations().get(0).promise(), 1, Integer::sum) <= WRITTEN) {
            failures.add("seed " + result.seed() + ": " + result.violations().get(0) + "; history in " + write(result));
        }
    }

    private Path write(Simulation.Result result) {
        try {
            Files.createDirectories(directory);
            return Files.writeString(directory.resolve("seed-" + result.seed() + ".txt"), result.text());
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }
}
