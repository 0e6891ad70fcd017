package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.GrpcLink;
import dev.holdfast.lock.test.GrpcLink.Loss;
import dev.holdfast.lock.test.GrpcLink.Method;
import dev.holdfast.lock.test.Measured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Three processes' worth of registries fight for a few locks, each over a connection that is cut, delayed, stopped and robbed of answers
 * at random moments. One seed decides the faults; it is in the failure's text.
 */
class EtcdRandomCutsTests {

    private static final Duration TTL = Duration.ofSeconds(5);
    private static final Duration HEALED = TTL.multipliedBy(2);
    private static final int REGISTRIES = 3;
    private static final int THREADS = 2;
    private static final int NAMES = 3;

    @Test
    void noRandomCutBreaksAPromise() {
        new Rig(new Random().nextLong()).run(Duration.ofSeconds(6));
    }

    @Test
    @Tag("faults")
    void noRandomCutBreaksAPromiseInManyRounds() {
        for (int round = 0; round < 8; round++) {
            new Rig(new Random().nextLong()).run(Duration.ofSeconds(20));
        }
    }

    private static final class Rig {

        private final long seed;
        private final Random random;
        private final EtcdServer etcd = EtcdServer.start();
        private final List<GrpcLink> links = new ArrayList<>();
        private final List<LockRegistry> registries = new ArrayList<>();
        private final Map<String, LockHandle> last = new ConcurrentHashMap<>();
        private final Queue<String> violations = new ConcurrentLinkedQueue<>();
        private final AtomicInteger grants = new AtomicInteger();
        private final AtomicInteger refusals = new AtomicInteger();
        private final AtomicInteger losses = new AtomicInteger();
        private volatile boolean stopping;

        private Rig(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            for (int i = 0; i < REGISTRIES; i++) {
                GrpcLink link = GrpcLink.to(etcd.endpoint());
                links.add(link);
                registries.add(EtcdLockRegistry.builder()
                        .endpoints(link.endpoint())
                        // The first connection of a JVM on a busy machine may need seconds.
                        .failFast(false)
                        .requestTimeout(Duration.ofMillis(700))
                        .defaults(LockOptions.defaults().withTtl(TTL))
                        .build());
            }
        }

        private void run(Duration time) {
            List<Worker> workers = new ArrayList<>();
            try {
                for (int i = 0; i < REGISTRIES * THREADS; i++) {
                    Worker worker = new Worker(registries.get(i % REGISTRIES), new Random(seed + i));
                    workers.add(worker);
                    worker.start();
                }
                int faults = disturb(time);
                int[] before = workers.stream()
                        .mapToInt(worker -> worker.granted.get())
                        .toArray();
                long healed = System.nanoTime();
                await().atMost(HEALED.plusSeconds(5))
                        .pollInterval(Duration.ofMillis(20))
                        .untilAsserted(() -> {
                            for (int i = 0; i < before.length; i++) {
                                Worker worker = workers.get(i);
                                assertThat(worker.granted.get())
                                        .as("grants after healing, seed %d: %s", seed, worker)
                                        .isGreaterThan(before[i]);
                            }
                        });
                Measured.log("random-cuts.all-go-on-after", Duration.ofNanos(System.nanoTime() - healed));
                Measured.log("random-cuts.faults", faults, "faults");
            } finally {
                stopping = true;
                workers.forEach(Worker::end);
                links.forEach(GrpcLink::resume);
            }
            Measured.log("random-cuts.grants", grants.get(), "grants");
            Measured.log("random-cuts.refusals", refusals.get(), "calls");
            Measured.log("random-cuts.losses-told", losses.get(), "holds");
            Measured.log("random-cuts.violations", violations.size(), "violations");
            assertThat(violations).as("seed " + seed).isEmpty();
            assertThat(grants.get()).as("seed " + seed).isPositive();
            assertNothingLeft();
        }

        /** At most one fault at a time takes a connection away, and never for half a TTL: no hold has to be lost. */
        private int disturb(Duration time) {
            int faults = 0;
            long end = System.nanoTime() + time.toNanos();
            while (System.nanoTime() - end < 0) {
                disturb(links.get(random.nextInt(REGISTRIES)));
                faults++;
                pause(20 + random.nextInt(200));
            }
            links.forEach(link -> {
                link.resume();
                link.accept();
                link.cutAfterCreated(false);
                link.delay(Duration.ZERO, Duration.ZERO);
            });
            return faults;
        }

        private void disturb(GrpcLink link) {
            Method[] methods = {Method.TXN, Method.TXN, Method.LEASE_KEEP_ALIVE, Method.LEASE_TIME_TO_LIVE};
            switch (random.nextInt(8)) {
                case 0, 1 -> link.cut();
                case 2 -> link.loseNext(methods[random.nextInt(methods.length)], Loss.CUT);
                case 3 -> link.loseNext(methods[random.nextInt(methods.length)], Loss.SILENCE);
                case 4 -> link.cutAfterCreated(random.nextBoolean());
                case 5 -> link.delay(Duration.ofMillis(random.nextInt(100)), Duration.ofMillis(random.nextInt(100)));
                case 6 -> {
                    link.refuse();
                    pause(random.nextInt(300));
                    link.accept();
                }
                default -> {
                    if (random.nextBoolean()) {
                        link.pauseToServer();
                    }
                    if (random.nextBoolean()) {
                        link.pauseToClient();
                    }
                    pause(random.nextInt(900));
                    link.resume();
                }
            }
        }

        private void assertNothingLeft() {
            registries.forEach(LockRegistry::close);
            links.forEach(GrpcLink::close);
            // A grant whose answer was lost lives for its TTL.
            await("leases after seed " + seed)
                    .atMost(TTL.plusSeconds(5))
                    .until(() -> etcd.etcdctl("lease", "list").lines().noneMatch(line -> line.matches("[0-9a-f]+")));
            assertThat(etcd.etcdctl("get", "--prefix", "--keys-only", "locks/"))
                    .as("keys after seed " + seed)
                    .isBlank();
            etcd.close();
        }

        private static void pause(int millis) {
            await().pollDelay(Duration.ofMillis(millis))
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> true);
        }

        private final class Worker extends Thread {

            private final LockRegistry registry;
            private final Random choices;
            private final AtomicInteger granted = new AtomicInteger();

            private Worker(LockRegistry registry, Random choices) {
                this.registry = registry;
                this.choices = choices;
            }

            @Override
            public void run() {
                while (!stopping) {
                    String name = "seat-" + choices.nextInt(NAMES);
                    try {
                        Optional<LockHandle> handle =
                                registry.lock(name).tryAcquire(Duration.ofMillis(choices.nextInt(2_000)));
                        handle.ifPresentOrElse(held -> hold(name, held), refusals::incrementAndGet);
                    } catch (LockLostException lostWhileWaiting) {
                        losses.incrementAndGet();
                    } catch (LockException unavailable) {
                        refusals.incrementAndGet();
                    } catch (InterruptedException | RuntimeException | Error unexpected) {
                        violations.add(getName() + " ended by " + unexpected);
                        return;
                    }
                }
            }

            private void hold(String name, LockHandle handle) {
                grants.incrementAndGet();
                granted.incrementAndGet();
                LockHandle before = last.put(name, handle);
                if (before != null && before.isHeld() && handle.isHeld()) {
                    violations.add(before + " and " + handle + " at once");
                }
                // One that was lost by now may get here late.
                if (before != null && before.fencingToken() >= handle.fencingToken() && handle.isHeld()) {
                    violations.add(handle + " came after " + before);
                }
                pause(choices.nextInt(20));
                handle.release();
                if (handle.loss().isPresent()) {
                    losses.incrementAndGet();
                }
            }

            @Override
            public String toString() {
                return getName() + " of " + registry.status() + ", violations " + violations + ", keys "
                        + etcd.etcdctl("get", "--prefix", "--keys-only", "locks/")
                                .lines()
                                .filter(line -> !line.isBlank())
                                .toList()
                        + ", at " + List.of(getStackTrace());
            }

            private void end() {
                try {
                    join(15_000);
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                }
                if (isAlive()) {
                    violations.add(getName() + " hangs");
                }
            }
        }
    }
}
