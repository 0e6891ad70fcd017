package dev.holdfast.lock.etcd;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns once in a JVM about servers that can revoke live leases, or renew ended ones. */
final class VersionCheck {

    private static final Logger log = LoggerFactory.getLogger(VersionCheck.class);
    private static final Pattern VERSION = Pattern.compile("(\\d{1,6})\\.(\\d{1,6})\\.(\\d{1,6}).*");

    private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

    private VersionCheck() {}

    static void seen(String version) {
        if (revokesLiveLeases(version) && WARNED.add(version)) {
            log.warn(
                    "etcd {} can revoke a lease that is being renewed, or renew one that has ended, when an old leader stalls and comes back"
                            + " (fixed in 3.4.31 and 3.5.13); a lock may then be lost early, or held twice. Fencing tokens still protect what checks them; upgrade"
                            + " etcd",
                    version);
        }
    }

    /** Versions without the fix of etcd's issue 15247. */
    static boolean revokesLiveLeases(String version) {
        Matcher parts = VERSION.matcher(version);
        if (!parts.matches()) {
            return false;
        }
        int major = Integer.parseInt(parts.group(1));
        int minor = Integer.parseInt(parts.group(2));
        int patch = Integer.parseInt(parts.group(3));
        if (major != 3) {
            return major < 3;
        }
        return minor < 4 || (minor == 4 && patch < 31) || (minor == 5 && patch < 13);
    }
}
