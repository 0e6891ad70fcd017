package dev.holdfast.lock.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** So that those who find no pinned thread know that one would have been noted. */
class PinnedThreadsTests {

    @Test
    void aBlockedThreadThatCannotLeaveItsCarrierIsNoted() throws Exception {
        try (PinnedThreads pinned = PinnedThreads.recording(Duration.ofMillis(20))) {
            Thread thread = VirtualThreads.factory().newThread(BlocksWhileInitialized::touch);
            thread.start();
            thread.join();

            assertThat(pinned.stop()).hasSize(VirtualThreads.supported() ? 1 : 0);
        }
    }

    /** The frame of the JVM that runs an initializer ties the thread to its carrier, on every JDK. */
    private static final class BlocksWhileInitialized {

        static {
            long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(100);
            while (System.nanoTime() - until < 0) {
                LockSupport.parkNanos(until - System.nanoTime());
            }
        }

        static void touch() {}
    }
}
