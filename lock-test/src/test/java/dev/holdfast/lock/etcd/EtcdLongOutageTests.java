package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.Measured;
import dev.holdfast.lock.test.TcpLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * etcd is out of reach for long, in each way and with each use: nobody asks, somebody asks all the time, somebody waits. When it can be
 * reached again, the first lock is there within three seconds; gRPC alone would take up to two minutes.
 */
class EtcdLongOutageTests {

    private static final Duration FIRST_SUCCESS = Duration.ofSeconds(3);
    private static final Duration TTL = Duration.ofSeconds(10);

    private enum Outage {
        REFUSED,
        BLACK_HOLE
    }

    private enum Use {
        IDLE,
        BUSY,
        WAITING
    }

    @Test
    void theFirstLockComesWithinThreeSecondsOfTheEndOfAnOutage() {
        assertFirstLockInTime(Duration.ofSeconds(12));
    }

    @Test
    @Tag("faults")
    void theFirstLockComesWithinThreeSecondsOfTheEndOfALongOutage() {
        assertFirstLockInTime(Duration.ofSeconds(75));
    }

    /** All at once, each over a link of its own. */
    private static void assertFirstLockInTime(Duration duration) {
        List<Client> clients = new ArrayList<>();
        try (EtcdServer etcd = EtcdServer.start()) {
            for (Outage outage : Outage.values()) {
                for (Use use : Use.values()) {
                    clients.add(new Client(etcd, outage, use));
                }
            }
            clients.forEach(Client::breakLink);
            long begin = System.nanoTime();
            // At any moment between two attempts to reconnect.
            long end = begin + duration.toNanos() + new Random().nextLong(2_000_000_000);
            await().pollInterval(Duration.ofMillis(200))
                    .atMost(duration.plusSeconds(10))
                    .until(() -> {
                        clients.forEach(Client::useDuringOutage);
                        return System.nanoTime() - end > 0;
                    });
            for (Client client : clients) {
                client.heal();
            }
            for (Client client : clients) {
                client.assertInTime(duration);
            }
        } finally {
            clients.forEach(Client::close);
        }
    }

    private static final class Client implements AutoCloseable {

        private final Outage outage;
        private final Use use;
        private final TcpLink link;
        private final LockRegistry registry;
        private final List<CompletableFuture<Optional<LockHandle>>> asked = new ArrayList<>();
        private final CompletableFuture<Long> success = new CompletableFuture<>();
        private volatile long healedAt;

        private Client(EtcdServer etcd, Outage outage, Use use) {
            this.outage = outage;
            this.use = use;
            link = TcpLink.to(etcd.endpoint());
            registry = EtcdLockRegistry.builder()
                    .endpoints(link.endpoint())
                    .defaults(LockOptions.defaults().withTtl(TTL))
                    .build();
            // A session, and a watch.
            LockHandle first = registry.lock(name()).tryAcquire().orElseThrow();
            first.release();
        }

        private String name() {
            return "seat-" + outage + "-" + use;
        }

        private void breakLink() {
            if (outage == Outage.REFUSED) {
                link.refuse();
            } else {
                link.pauseToServer();
                link.pauseToClient();
            }
            if (use == Use.WAITING) {
                ask(Duration.ofMinutes(5));
            }
        }

        private void useDuringOutage() {
            if (use == Use.BUSY && asked.stream().allMatch(CompletableFuture::isDone)) {
                assertThat(asked).noneMatch(each -> success.isDone());
                ask(Duration.ofMillis(500));
            }
        }

        private void ask(Duration wait) {
            CompletableFuture<Optional<LockHandle>> request =
                    registry.lock(name()).tryAcquireAsync(wait);
            asked.add(request);
            request.thenAccept(handle -> handle.ifPresent(held -> {
                success.complete(System.nanoTime());
                held.releaseAsync();
            }));
        }

        private void heal() {
            healedAt = System.nanoTime();
            if (outage == Outage.REFUSED) {
                link.accept();
            } else {
                link.resume();
            }
            if (use != Use.WAITING) {
                Thread asking = new Thread(this::askUntilSuccess, "asking-" + name());
                asking.setDaemon(true);
                asking.start();
            }
        }

        /** As a service would: one call after the other, each with some patience. */
        private void askUntilSuccess() {
            while (!success.isDone()
                    && System.nanoTime() - healedAt < Duration.ofSeconds(60).toNanos()) {
                try {
                    registry.lock(name()).tryAcquire(Duration.ofMillis(250)).ifPresent(handle -> {
                        success.complete(System.nanoTime());
                        handle.release();
                    });
                } catch (LockException notYet) {
                    // asked again
                } catch (InterruptedException nobodyInterrupts) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }

        private void assertInTime(Duration duration) {
            await(name()).atMost(Duration.ofSeconds(90)).until(success::isDone);
            Duration took = Duration.ofNanos(success.join() - healedAt);
            Measured.log("outage-" + duration.toSeconds() + "s." + outage + "." + use + ".first-success", took);
            assertThat(took).as(name()).isPositive().isLessThanOrEqualTo(FIRST_SUCCESS);
        }

        @Override
        public void close() {
            link.resume();
            registry.close();
            link.close();
        }
    }
}
