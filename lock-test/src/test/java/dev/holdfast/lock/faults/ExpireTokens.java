package dev.holdfast.lock.faults;

import java.time.Duration;

/** Workers are kept from asking until etcd has forgotten the tokens they logged in with, several times. */
record ExpireTokens(int times) implements Nemesis {

    static final String TOKEN_TTL = "--auth-token-ttl=1";

    @Override
    public void strike(Rig rig) {
        for (int i = 0; i < times; i++) {
            rig.randomMoment(Duration.ofSeconds(1));
            rig.workers().forEach(worker -> rig.links(worker).forEach(Way.TO_SERVER::pause));
            // Tokens end a second or two after their last use.
            Rig.pause(Duration.ofMillis(2_200));
            rig.workers().forEach(worker -> rig.links(worker).forEach(link -> link.resume()));
            Rig.pause(Duration.ofSeconds(3));
        }
    }
}
