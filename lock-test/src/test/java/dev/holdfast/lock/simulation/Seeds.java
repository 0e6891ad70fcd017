package dev.holdfast.lock.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/** Many seeds on all cores. Of those that break a promise the first are written to files in full, to be read; each can be run again. */
final class Seeds {

    /** Histories kept for each promise. */
    private static final int WRITTEN = 3;

    private final LongFunction<Verdict> simulation;
    private final Path directory;
    private final List<String> failures = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Integer> broken = Collections.synchronizedMap(new TreeMap<>());
    private final AtomicLong run = new AtomicLong();
    private final AtomicLong events = new AtomicLong();
    private final AtomicInteger failed = new AtomicInteger();

    Seeds(LongFunction<Verdict> simulation, Path directory) {
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

    Map<String, Integer> broken() {
        return broken;
    }

    /** The first of them, each with its first broken promise and the file of its history. */
    List<String> failures() {
        return failures;
    }

    private void note(long seed) {
        try {
            Verdict verdict = simulation.apply(seed);
            events.addAndGet(verdict.events());
            if (!verdict.kept()) {
                failed(verdict);
            }
        } catch (RuntimeException | Error failure) {
            failed.incrementAndGet();
            failures.add("seed " + seed + " ended with " + failure);
        }
        run.incrementAndGet();
    }

    private void failed(Verdict verdict) {
        failed.incrementAndGet();
        if (broken.merge(verdict.promises().get(0), 1, Integer::sum) <= WRITTEN) {
            failures.add("seed " + verdict.seed() + ": " + verdict.first() + "; history in " + write(verdict));
        }
    }

    private Path write(Verdict verdict) {
        try {
            Files.createDirectories(directory);
            return Files.writeString(
                    directory.resolve("seed-" + verdict.seed() + ".txt"),
                    verdict.text().get());
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }
}
