package dev.holdfast.lock.faults;

import dev.holdfast.lock.history.Allowances;
import java.util.Arrays;
import java.util.stream.Stream;

/** What an etcd itself does wrong under a fault, in versions that no client can make up for. */
enum ServerFault {
    NONE {
        @Override
        boolean in(int... version) {
            return false;
        }

        @Override
        Allowances excused(Allowances strict) {
            return strict;
        }
    },
    /** What an old leader thought to have ended while it was stalled, it has the others revoke when it comes back: etcd's issue 15247. */
    REVOKES_LIVE_LEASES {
        @Override
        boolean in(int... version) {
            return Arrays.compare(version, new int[] {3, 4, 31}) < 0
                    || (Arrays.compare(version, new int[] {3, 5, 0}) >= 0
                            && Arrays.compare(version, new int[] {3, 5, 13}) < 0);
        }

        @Override
        Allowances excused(Allowances strict) {
            return strict.withLosses(true).withExclusionByTokenOnly(true);
        }
    },
    /**
     * Before 3.5 members did not ask whether they could win before they called an election, unless {@code --pre-vote} is set: one that
     * comes back from a partition deposes the leader, again and again until it has caught up. Locks may run out meanwhile.
     */
    ELECTS_WITHOUT_NEED {
        @Override
        boolean in(int... version) {
            return Arrays.compare(version, new int[] {3, 5, 0}) < 0;
        }

        @Override
        Allowances excused(Allowances strict) {
            return strict.withLosses(true);
        }
    };

    abstract boolean in(int... version);

    /** What may then be seen. */
    abstract Allowances excused(Allowances strict);

    boolean in(String version) {
        return in(Stream.of(version.split("[.-]"))
                .limit(3)
                .mapToInt(Integer::parseInt)
                .toArray());
    }
}
