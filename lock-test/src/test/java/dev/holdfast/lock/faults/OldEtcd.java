package dev.holdfast.lock.faults;

import java.util.Arrays;
import java.util.stream.Stream;

/** Which versions of etcd have defects that no client can make up for. */
final class OldEtcd {

    private OldEtcd() {}

    /** What an old leader thought to have ended while it was stalled, it has the others revoke when it comes back: etcd's issue 15247. */
    static boolean revokesLiveLeases(String version) {
        int[] parts = Stream.of(version.split("[.-]"))
                .limit(3)
                .mapToInt(Integer::parseInt)
                .toArray();
        return Arrays.compare(parts, new int[] {3, 4, 31}) < 0
                || (Arrays.compare(parts, new int[] {3, 5, 0}) >= 0 && Arrays.compare(parts, new int[] {3, 5, 13}) < 0);
    }
}
