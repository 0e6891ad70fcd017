package dev.holdfast.lock.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** The machine we are on. */
final class Host {

    private Host() {}

    static String name() {
        String given = System.getenv("HOSTNAME");
        if (given != null && !given.isBlank()) {
            return given;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unresolved) {
            return "unknown";
        }
    }
}
