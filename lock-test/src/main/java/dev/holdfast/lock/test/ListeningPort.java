package dev.holdfast.lock.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports to listen on, now and again later: from where the system never takes ports for clients, since one of them, of this JVM or of
 * the one beside it, could be given ours while nobody listens.
 */
final class ListeningPort {

    private static final int LOWEST = 10_000;
    private static final int HIGHEST = 32_000;
    private static final int BACKLOG = 50;
    private static final int ATTEMPTS = 100;

    private ListeningPort() {}

    /** Listens on a free one, on loopback. */
    static ServerSocket open() {
        for (int attempt = 1; ; attempt++) {
            int candidate = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            try {
                return new ServerSocket(candidate, BACKLOG, InetAddress.getLoopbackAddress());
            } catch (IOException taken) {
                if (attempt == ATTEMPTS) {
                    throw new UncheckedIOException(taken);
                }
            }
        }
    }
}
