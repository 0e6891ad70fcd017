package dev.holdfast.lock.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The oracle is only worth what it can see. */
class OracleTests {

    private final History history = new History();
    private final Allowances allowed = Allowances.forTtl(Duration.ofSeconds(6));
    private final Allowances faulty = allowed.withExact(true).withLosses(true);
    private final Allowances calm = allowed.withExact(true).withPrompt(Duration.ofSeconds(1));
    private long millis;

    @Test
    void nothingIsWrongWithAnOrdinaryHandOver() {
        hold("a", 1, 10);
        release("a", 1, 10);
        hold("b", 2, 12);
        release("b", 2, 12);
        assertThat(Oracle.judge(history, allowed.withExact(true))).isEmpty();
    }

    @Test
    void seesTwoHoldersAtOnce() {
        hold("a", 1, 10);
        hold("b", 2, 12);
        event("a", Event.Kind.HELD, 1, 10);
        assertThat(broken()).contains(Promise.MUTUAL_EXCLUSION);
    }

    @Test
    void aStoppedProcessClaimsNothing() {
        hold("a", 1, 10);
        event("a", Event.Kind.STOPPED, 0, 0);
        event("store", Event.Kind.DELETED, 0, 10);
        hold("b", 2, 12);
        event("a", Event.Kind.CONTINUED, 0, 0);
        event("a", Event.Kind.NOT_HELD, 1, 10);
        told("a", Event.Kind.TOLD_LOST, 10, "EXPIRED");
        release("b", 2, 12);
        assertThat(Oracle.judge(history, allowed.withLosses(true))).isEmpty();
    }

    @Test
    void seesAHoldClaimedAfterTheStoreGaveItAway() {
        hold("a", 1, 10);
        event("store", Event.Kind.DELETED, 0, 10);
        event("a", Event.Kind.HELD, 1, 10);
        assertThat(broken()).contains(Promise.LOCAL_LEARNS_FIRST);
    }

    @Test
    void seesALossToldAfterTheStoreGaveItAway() {
        hold("a", 1, 10);
        event("store", Event.Kind.DELETED, 0, 10);
        told("a", Event.Kind.TOLD_LOST, 10, "EXPIRED");
        assertThat(broken()).contains(Promise.LOCAL_LEARNS_FIRST);
    }

    @Test
    void seesAnOldTokenWritten() {
        event("resource", Event.Kind.WRITTEN, 0, 12);
        event("resource", Event.Kind.WRITTEN, 0, 10);
        assertThat(broken()).containsExactly(Promise.FENCING);
    }

    @Test
    void seesTokensThatFallOrRepeat() {
        hold("a", 1, 12);
        release("a", 1, 12);
        hold("b", 2, 10);
        release("b", 2, 10);
        assertThat(broken()).contains(Promise.TOKEN_ORDER);
    }

    @Test
    void seesAnOlderEntryInTheStore() {
        event("store", Event.Kind.PUT, 0, 8);
        hold("a", 1, 10);
        assertThat(Oracle.judge(history, allowed.withExact(true)))
                .extracting(Violation::promise)
                .contains(Promise.FIFO);
    }

    @Test
    void seesACallThatNeverEnds() {
        event("a", Event.Kind.REQUESTED, 1, 0);
        assertThat(broken()).containsExactly(Promise.LIVENESS);
    }

    @Test
    void seesWhatIsLeft() {
        event("store", Event.Kind.LEFT_OVER, 0, 0);
        assertThat(broken()).containsExactly(Promise.NO_LEAKS);
    }

    @Test
    void seesAStorm() {
        event("a", Event.Kind.STORM, 0, 1_000);
        assertThat(broken()).containsExactly(Promise.NO_STORMS);
    }

    @Test
    void seesALossWithoutCause() {
        hold("a", 1, 10);
        told("a", Event.Kind.TOLD_LOST, 10, "LEASE_GONE");
        assertThat(broken()).contains(Promise.NO_SPURIOUS_LOSS);
    }

    @Test
    void seesALateReturnButNotOfAStoppedProcess() {
        event("a", Event.Kind.REQUESTED, 1, 0);
        millis += 2_000;
        event("a", Event.Kind.NOT_GRANTED, 1, 0);
        event("b", Event.Kind.REQUESTED, 2, 0);
        event("b", Event.Kind.STOPPED, 0, 0);
        millis += 2_000;
        event("b", Event.Kind.CONTINUED, 0, 0);
        event("b", Event.Kind.NOT_GRANTED, 2, 0);
        assertThat(broken()).containsExactly(Promise.TIMEOUTS_KEPT);
    }

    @Test
    void seesALateAnswerToAnInterrupt() {
        history.add(new Event(0, "a", Event.Kind.REQUESTED, "seat", 1, 60_000_000_000L, ""));
        event("a", Event.Kind.INTERRUPTED, 1, 0);
        millis += 500;
        history.add(new Event(++millis * 1_000_000, "a", Event.Kind.NOT_GRANTED, "seat", 1, 0, "InterruptedException"));
        assertThat(broken()).containsExactly(Promise.TIMEOUTS_KEPT);
    }

    @Test
    void seesACallThatEndsTwice() {
        event("a", Event.Kind.REQUESTED, 1, 0);
        event("a", Event.Kind.NOT_GRANTED, 1, 0);
        assertThat(broken()).isEmpty();
        event("a", Event.Kind.NOT_GRANTED, 1, 0);
        assertThat(broken()).containsExactly(Promise.CALLBACK_ORDER);
    }

    @Test
    void seesTheEndOfACallThatNobodyMade() {
        event("a", Event.Kind.NOT_GRANTED, 1, 0);
        assertThat(broken()).containsExactly(Promise.CALLBACK_ORDER);
    }

    @Test
    void seesANameThatIsNotToBeHadAfterHeal() {
        event("chaos", Event.Kind.HEALED, 0, 0);
        history.add(new Event(++millis * 1_000_000, "a", Event.Kind.REQUESTED, "seat", 1, 1_000_000_000, Event.PROBE));
        millis += 1_000;
        event("a", Event.Kind.NOT_GRANTED, 1, 0);
        assertThat(broken()).containsExactly(Promise.LIVENESS);
    }

    @Test
    void seesACallThatEndsOnlyLongAfterHeal() {
        history.add(new Event(
                0, "a", Event.Kind.REQUESTED, "seat", 1, Duration.ofHours(1).toNanos(), ""));
        event("chaos", Event.Kind.HEALED, 0, 0);
        millis += 601_000;
        history.add(new Event(++millis * 1_000_000, "a", Event.Kind.NOT_GRANTED, "seat", 1, 0, "InterruptedException"));
        assertThat(broken()).containsExactly(Promise.LIVENESS);
    }

    @Test
    void seesTwoEndsOfOneHold() {
        hold("a", 1, 10);
        release("a", 1, 10);
        told("a", Event.Kind.TOLD_LOST, 10, "CLOSED");
        assertThat(broken()).containsExactly(Promise.CALLBACK_ORDER);
    }

    @Test
    void seesARenewalAfterTheEnd() {
        event("a", Event.Kind.SESSION_ENDED, 0, 99);
        event("a", Event.Kind.RENEWING, 0, 99);
        assertThat(broken()).containsExactly(Promise.DEAD_MEANS_DEAD);
    }

    @Test
    void anotherHandOnTheEntryIsNoFaultUntilItShouldHaveBeenNoticed() {
        hold("a", 1, 10);
        event("store", Event.Kind.INTERFERED, 0, 10);
        event("store", Event.Kind.DELETED, 0, 10);
        event("a", Event.Kind.HELD, 1, 10);
        assertThat(Oracle.judge(history, allowed))
                .extracting(Violation::promise)
                .doesNotContain(Promise.LOCAL_LEARNS_FIRST);
        millis += 20_000;
        event("a", Event.Kind.HELD, 1, 10);
        assertThat(broken()).contains(Promise.LOCAL_LEARNS_FIRST);
    }

    @Test
    void seesALossWhoseCauseIsNotThere() {
        hold("a", 1, 10);
        told("a", Event.Kind.TOLD_LOST, 10, "LEASE_GONE");
        hold("b", 2, 12);
        told("b", Event.Kind.TOLD_LOST, 12, "CLUSTER_CHANGED");
        assertThat(Oracle.judge(history, faulty))
                .filteredOn(violation -> violation.promise() == Promise.NO_SPURIOUS_LOSS)
                .hasSize(2);
    }

    @Test
    void aLeaseThatEndedInTheStoreIsACause() {
        hold("a", 1, 10);
        event("store", Event.Kind.DELETED, 0, 10);
        told("a", Event.Kind.TOLD_LOST, 10, "LEASE_GONE");
        assertThat(broken(faulty)).isEmpty();
    }

    @Test
    void seesAnExpiryRightAfterAConfirmation() {
        history.add(new Event(++millis * 1_000_000, "store", Event.Kind.PUT, "seat", 0, 10, "locks/seat/1f"));
        told("a", Event.Kind.TOLD_ACQUIRED, 10, "");
        event("a", Event.Kind.REQUESTED, 1, 0);
        event("a", Event.Kind.GRANTED, 1, 10);
        millis += 4_000;
        history.add(new Event(millis * 1_000_000, "a", Event.Kind.CONFIRMED, "", 0, 0x1f, "3990000000"));
        millis += 2_000;
        told("a", Event.Kind.TOLD_LOST, 10, "EXPIRED");
        assertThat(broken(faulty)).containsExactly(Promise.NO_SPURIOUS_LOSS);
    }

    @Test
    void anExpiryLongAfterTheLastConfirmationIsNone() {
        history.add(new Event(++millis * 1_000_000, "store", Event.Kind.PUT, "seat", 0, 10, "locks/seat/1f"));
        told("a", Event.Kind.TOLD_ACQUIRED, 10, "");
        event("a", Event.Kind.REQUESTED, 1, 0);
        event("a", Event.Kind.GRANTED, 1, 10);
        history.add(new Event(millis * 1_000_000, "a", Event.Kind.CONFIRMED, "", 0, 0x1f, "1000000"));
        millis += 5_500;
        told("a", Event.Kind.TOLD_LOST, 10, "EXPIRED");
        assertThat(broken(faulty)).isEmpty();
    }

    @Test
    void nothingMayBeLostAnyMoreOnceAllIsWell() {
        event("chaos", Event.Kind.HEALED, 0, 0);
        millis += 7_000;
        hold("a", 1, 10);
        millis += 7_000;
        told("a", Event.Kind.TOLD_LOST, 10, "EXPIRED");
        assertThat(broken(faulty)).containsExactly(Promise.NO_SPURIOUS_LOSS);
    }

    @Test
    void seesAHoldThatOutlivesItsTtlOrDoesNotReachIt() {
        notRenewed("a", 1, 10);
        millis += 6_100;
        event("a", Event.Kind.HELD, 1, 10);
        assertThat(broken(faulty)).contains(Promise.TTL_KEPT);
        event("store", Event.Kind.DELETED, 0, 10);
        notRenewed("b", 2, 12);
        millis += 1_000;
        told("b", Event.Kind.TOLD_LOST, 12, "EXPIRED");
        assertThat(Oracle.judge(history, allowed.withExact(true)))
                .filteredOn(violation -> violation.promise() == Promise.TTL_KEPT)
                .hasSize(2);
    }

    @Test
    void seesALossToldLongAfterTheNextGrant() {
        hold("a", 1, 10);
        event("store", Event.Kind.DELETED, 0, 10);
        hold("a", 2, 12);
        millis += 500;
        told("a", Event.Kind.TOLD_LOST, 10, "LEASE_GONE");
        release("a", 2, 12);
        assertThat(broken(faulty)).containsExactly(Promise.CALLBACK_ORDER);
    }

    @Test
    void seesAKeySaidToBeDeletedThatNobodyTouched() {
        hold("a", 1, 10);
        event("store", Event.Kind.DELETED, 0, 10);
        told("a", Event.Kind.TOLD_LOST, 10, "KEY_DELETED");
        assertThat(broken(faulty)).containsExactly(Promise.NO_SPURIOUS_LOSS);
    }

    @Test
    void seesThatTheNextIsKeptWaiting() {
        history.add(new Event(0, "b", Event.Kind.REQUESTED, "seat", 2, 60_000_000_000L, ""));
        hold("a", 1, 10);
        event("store", Event.Kind.PUT, 0, 12);
        release("a", 1, 10);
        millis += 1_500;
        told("b", Event.Kind.TOLD_ACQUIRED, 12, "");
        event("b", Event.Kind.GRANTED, 2, 12);
        event("b", Event.Kind.HELD, 2, 12);
        release("b", 2, 12);
        assertThat(broken(allowed.withExact(true))).isEmpty();
        assertThat(broken(calm)).containsExactly(Promise.LIVENESS);
    }

    @Test
    void seesThatWhoDoesNotWaitIsKeptWaiting() {
        history.add(new Event(0, "a", Event.Kind.REQUESTED, "seat", 1, 2_000_000_000, Event.TRY));
        millis += 1_500;
        event("a", Event.Kind.NOT_GRANTED, 1, 0);
        assertThat(broken()).isEmpty();
        assertThat(broken(calm)).containsExactly(Promise.TIMEOUTS_KEPT);
    }

    @Test
    void seesThatWhoWaitsIsSentAwayEarly() {
        history.add(new Event(0, "a", Event.Kind.REQUESTED, "seat", 1, 2_000_000_000, ""));
        millis += 1_500;
        event("a", Event.Kind.NOT_GRANTED, 1, 0);
        assertThat(broken()).containsExactly(Promise.TIMEOUTS_KEPT);
    }

    @Test
    void seesAFailureWhereNothingIsWrong() {
        history.add(new Event(0, "a", Event.Kind.REQUESTED, "seat", 1, 2_000_000_000, ""));
        history.add(new Event(1, "a", Event.Kind.NOT_GRANTED, "seat", 1, 0, "LockUnavailableException"));
        assertThat(broken(faulty)).isEmpty();
        assertThat(broken(allowed.withExact(true))).containsExactly(Promise.NO_SPURIOUS_LOSS);
    }

    @Test
    void seesAReleaseThatIsToldTooEarlyOrTooLateOrNever() {
        hold("a", 1, 10);
        event("a", Event.Kind.RELEASING, 1, 10);
        told("a", Event.Kind.TOLD_RELEASED, 10, "");
        assertThat(broken(faulty)).containsExactly(Promise.LIVENESS);
        event("a", Event.Kind.RELEASED, 1, 10);
        assertThat(broken(faulty)).containsExactly(Promise.NO_LEAKS);
        event("store", Event.Kind.DELETED, 0, 10);
        hold("b", 2, 12);
        event("b", Event.Kind.RELEASING, 2, 12);
        told("b", Event.Kind.TOLD_RELEASED, 12, "");
        event("store", Event.Kind.DELETED, 0, 12);
        millis += 3_000;
        event("b", Event.Kind.RELEASED, 2, 12);
        assertThat(broken(faulty)).containsExactlyInAnyOrder(Promise.TIMEOUTS_KEPT, Promise.NO_LEAKS);
    }

    @Test
    void seesAReleaseThatHidesALoss() {
        hold("a", 1, 10);
        event("store", Event.Kind.DELETED, 0, 10);
        event("a", Event.Kind.RELEASING, 1, 10);
        told("a", Event.Kind.TOLD_RELEASED, 10, "");
        event("a", Event.Kind.RELEASED, 1, 10);
        assertThat(broken(faulty)).containsExactly(Promise.LOCAL_LEARNS_FIRST);
    }

    @Test
    void seesAnEntryThatNobodyNeeds() {
        history.add(new Event(0, "a", Event.Kind.CONFIRMED, "", 0, 0x1f, "0"));
        history.add(new Event(0, "a", Event.Kind.REQUESTED, "seat", 1, 0, ""));
        history.add(new Event(1, "store", Event.Kind.PUT, "seat", 0, 10, "locks/seat/1f"));
        event("a", Event.Kind.NOT_GRANTED, 1, 0);
        millis += 1_500;
        event("store", Event.Kind.DELETED, 0, 10);
        assertThat(broken(faulty)).isEmpty();
        assertThat(broken(calm)).containsExactly(Promise.NO_LEAKS);
    }

    @Test
    void seesAHoldThatNobodyGotAndOfWhoseEndNobodyHears() {
        told("a", Event.Kind.TOLD_ACQUIRED, 10, "");
        assertThat(broken()).containsExactly(Promise.CALLBACK_ORDER);
    }

    @Test
    void seesACloseThatTakesItsTimeAlthoughNothingIsInTheWay() {
        event("a", Event.Kind.CLOSING, 0, 0);
        millis += 2_000;
        event("a", Event.Kind.CLOSED, 0, 0);
        assertThat(broken(faulty)).isEmpty();
        assertThat(broken(calm)).containsExactly(Promise.TIMEOUTS_KEPT);
    }

    @Test
    void seesAHoldThatComesBackWithoutAClockThatJumped() {
        hold("a", 1, 10);
        event("a", Event.Kind.NOT_HELD, 1, 10);
        event("a", Event.Kind.HELD, 1, 10);
        event("store", Event.Kind.DELETED, 0, 10);
        told("a", Event.Kind.TOLD_LOST, 10, "LEASE_GONE");
        assertThat(broken(faulty)).isEmpty();
        assertThat(broken(faulty.withSteadyClocks(true))).containsExactly(Promise.DEAD_MEANS_DEAD);
    }

    @Test
    void seesAContradiction() {
        event("a", Event.Kind.CONTRADICTED, 0, 0);
        assertThat(broken()).containsExactly(Promise.NO_CONTRADICTION);
    }

    @Test
    void aLineIsReadAsItWasWritten() {
        Event event = new Event(5, "a", Event.Kind.TOLD_LOST, "se\"at", 1, 10, "EXPIRED");
        assertThat(Event.ofLine(event.toLine())).isEqualTo(event);
    }

    private List<Promise> broken() {
        return broken(allowed);
    }

    private List<Promise> broken(Allowances allowances) {
        return Oracle.judge(history, allowances).stream()
                .map(Violation::promise)
                .distinct()
                .toList();
    }

    private void hold(String process, long call, long token) {
        event("store", Event.Kind.PUT, 0, token);
        event(process, Event.Kind.REQUESTED, call, 0);
        told(process, Event.Kind.TOLD_ACQUIRED, token, "");
        event(process, Event.Kind.GRANTED, call, token);
        event(process, Event.Kind.HELD, call, token);
    }

    private void notRenewed(String process, long call, long token) {
        event("store", Event.Kind.PUT, 0, token);
        event(process, Event.Kind.REQUESTED, call, 0);
        told(process, Event.Kind.TOLD_ACQUIRED, token, "");
        history.add(
                new Event(++millis * 1_000_000, process, Event.Kind.GRANTED, "seat", call, token, Event.NOT_RENEWED));
    }

    private void release(String process, long call, long token) {
        event(process, Event.Kind.RELEASING, call, token);
        event("store", Event.Kind.DELETED, 0, token);
        told(process, Event.Kind.TOLD_RELEASED, token, "");
        event(process, Event.Kind.RELEASED, call, token);
    }

    private void told(String process, Event.Kind kind, long token, String detail) {
        history.add(new Event(++millis * 1_000_000, process, kind, "seat", 0, token, detail));
    }

    private void event(String process, Event.Kind kind, long call, long number) {
        history.add(new Event(++millis * 1_000_000, process, kind, "seat", call, number, ""));
    }
}
