package dev.holdfast.lock.benchmarks.run;

import dev.holdfast.lock.benchmarks.server.ServerKind;
import dev.holdfast.lock.benchmarks.subject.SubjectKind;
import java.time.Duration;

/** One subject in one setting, once. */
record Measurement(Setting setting, SubjectKind subject, int round) {

    /** What begins and ends it; measured on a quiet machine of 2 cores. */
    private static final Duration AROUND = Duration.ofMillis(250);

    private static final Duration FURTHER_SESSION = Duration.ofMillis(15);
    private static final Duration THOUSAND_LOCKS = Duration.ofMillis(500);

    ServerKind server() {
        return setting.nodes() == ServerKind.ETCD_CLUSTER.nodes() ? ServerKind.ETCD_CLUSTER : subject.server();
    }

    /** How long it takes by the plan. */
    Duration expected() {
        Duration total = AROUND.plus(setting.settling())
                .plus(setting.window())
                .plus(THOUSAND_LOCKS.multipliedBy((setting.amount() + Math.max(0, setting.names())) / 1_000));
        return setting.sessionPerThread() ? total.plus(FURTHER_SESSION.multipliedBy(setting.allThreads())) : total;
    }

    String text() {
        return setting.text() + ": " + subject.label();
    }
}
