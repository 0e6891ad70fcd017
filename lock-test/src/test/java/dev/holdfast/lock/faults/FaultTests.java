package dev.holdfast.lock.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.faults.FaultRun.Verdict;
import dev.holdfast.lock.history.Event;
import dev.holdfast.lock.history.Event.Kind;
import dev.holdfast.lock.history.Promise;
import dev.holdfast.lock.history.Violation;
import dev.holdfast.lock.test.TcpLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The most telling faults, once each and in short; {@link AllFaultsTests} has all of them. */
class FaultTests {

    private static final Duration QUIET = Duration.ofSeconds(2);
    private static final Duration LONGER_THAN_TTL = Rig.TTL.plusSeconds(2);

    @Test
    void aClientFrozenForLongerThanItsTtlClaimsNothingAfterwards() {
        Outcome outcome = mustHold(Scenario.mayCostLocks(
                "client frozen for more than a TTL", Setup.members(1), new FreezeClient(LONGER_THAN_TTL)));

        assertThat(outcome.lossesTold()).isPositive();
    }

    @Test
    void keysDeletedByHandAreNoticedAndHarmNobodyElse() {
        Outcome outcome = mustHold(Scenario.costsNothing("keys deleted by hand", Setup.members(1), new DeleteKeys(2)));

        assertThat(outcome.lossesTold()).isPositive();
    }

    @Test
    void aLeaderKilledCostsNoLock() {
        mustHold(Scenarios.leaderKilled());
    }

    /** Users who do not look are what the rig must be able to see, and the resource must not believe them. */
    @Test
    void theOracleSeesUsersWhoIgnoreALossAndTheResourceRefusesThem() {
        Scenario careless = Scenario.mayCostLocks(
                "users ignore losses", Setup.members(1).withLinks().withCarelessUsers(), rig -> {
                    List<TcpLink> links = rig.links(rig.workers().get(0));
                    links.forEach(Way.BOTH::pause);
                    Rig.pause(LONGER_THAN_TTL.plusSeconds(1));
                    links.forEach(TcpLink::resume);
                });
        FaultRun run = new FaultRun(careless, Etcd.ON_PATH, new Random().nextLong(), QUIET);

        Verdict verdict = run.run();

        assertThat(verdict.violations())
                .extracting(Violation::promise)
                .contains(Promise.MUTUAL_EXCLUSION, Promise.LOCAL_LEARNS_FIRST)
                .doesNotContain(Promise.FENCING);
        long deleted = verdict.history().events().stream()
                .filter(event -> event.kind() == Kind.TOLD_LOST)
                .mapToLong(Event::number)
                .findFirst()
                .orElseThrow();
        assertThat(verdict.history().events())
                .anyMatch(event -> event.kind() == Kind.WRITE_REFUSED && event.number() == deleted);
        assertThat(verdict.outcome().lostUpdates()).isZero();
        run.forget();
    }

    private static Outcome mustHold(Scenario scenario) {
        List<Outcome> outcomes = new ArrayList<>();
        FaultRun.mustHold(scenario, Etcd.ON_PATH, QUIET, outcomes::add);
        return outcomes.get(0);
    }
}
