package dev.holdfast.lock.engine;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Who holds the locks of a registry, as others read it in the value of a key.
 *
 * @param application name of the application
 * @param host name of the machine
 * @param pid process id
 */
public record Owner(String application, String host, long pid) {

    /** This process under the given application name. */
    public static Owner local(String application) {
        return new Owner(application, localHost(), ProcessHandle.current().pid());
    }

    /** For people. */
    String text() {
        return application + " on " + host + ", process " + pid;
    }

    private static String localHost() {
        String fromEnvironment = System.getenv("HOSTNAME");
        if (fromEnvironment != null && !fromEnvironment.isBlank()) {
            return fromEnvironment;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unresolved) {
            return "unknown";
        }
    }
}
