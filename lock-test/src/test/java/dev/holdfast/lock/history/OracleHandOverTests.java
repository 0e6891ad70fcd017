package dev.holdfast.lock.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.HandOver;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the oracle sees of holds that have one entry, one after the other, and of tokens that are drawn. */
class OracleHandOverTests {

    private final History history = new History();
    private Allowances allowed = Allowances.forTtl(Duration.ofSeconds(6))
            .withExact(true)
            .withHandOver(new HandOver(true, 2, Duration.ofMillis(100)));
    private long millis;

    @BeforeEach
    void anEntryOfOurs() {
        put(10);
    }

    @Test
    void nothingIsWrongWithPassingOn() {
        hold(1, 10, 10);
        giveBack(1, 10);
        hold(2, 10, 0);
        drawn(2, 10, 12);
        giveBack(2, 10);
        hold(3, 10, 0);
        giveBackForGood(3, 10);
        assertThat(broken()).isEmpty();
    }

    @Test
    void seesAHoldPassedOnThatIsHeldStill() {
        hold(1, 10, 10);
        hold(2, 10, 0);
        held(1, 10);
        assertThat(broken()).contains(Promise.MUTUAL_EXCLUSION);
    }

    @Test
    void seesAHoldPassedOnAfterItsEntryIsGone() {
        hold(1, 10, 10);
        deleted(10);
        giveBack(1, 10);
        hold(2, 10, 0);
        assertThat(broken()).contains(Promise.LOCAL_LEARNS_FIRST);
    }

    @Test
    void seesThatOthersWaitForTooLong() {
        hold(1, 10, 10);
        put(11);
        millis += 1_100;
        giveBack(1, 10);
        hold(2, 10, 0);
        assertThat(broken()).contains(Promise.FIFO);
    }

    @Test
    void whoComesLaterWaitsFromThenOn() {
        hold(1, 10, 10);
        millis += 150;
        put(11);
        giveBack(1, 10);
        hold(2, 10, 0);
        giveBackForGood(2, 10);
        assertThat(broken()).isEmpty();
    }

    @Test
    void seesThatOthersArePassedByTooOften() {
        put(11);
        put(12);
        deleted(10);
        for (int number = 1; number < 5; number++) {
            hold(number, 11, number == 1 ? 13 : 0);
            giveBack(number, 11);
        }
        assertThat(broken()).contains(Promise.FIFO);
    }

    @Test
    void seesPassingOnThatIsSwitchedOff() {
        allowed = allowed.withHandOver(HandOver.disabled());
        hold(1, 10, 10);
        giveBack(1, 10);
        hold(2, 10, 0);
        assertThat(broken()).contains(Promise.FIFO);
    }

    @Test
    void seesATokenOfAnotherWrite() {
        hold(1, 10, 10);
        giveBack(1, 10);
        hold(2, 10, 0);
        event(Event.Kind.DRAWN, 2, 10, 12);
        assertThat(broken()).contains(Promise.TOKEN_ORDER);
    }

    @Test
    void seesATokenDrawnLateAboveALaterHolders() {
        hold(1, 10, 10);
        giveBack(1, 10);
        hold(2, 10, 0);
        giveBack(2, 10);
        hold(3, 10, 0);
        drawn(3, 10, 12);
        drawn(2, 10, 13);
        assertThat(broken()).contains(Promise.TOKEN_ORDER);
    }

    @Test
    void seesATokenFromBeforeTheWait() {
        hold(1, 10, 10);
        put(11);
        giveBack(1, 10);
        hold(2, 10, 0);
        drawn(2, 10, 12);
        giveBackForGood(2, 10);
        hold(3, 11, 11);
        assertThat(broken()).contains(Promise.TOKEN_ORDER);
    }

    @Test
    void seesALostHoldPassedOn() {
        hold(1, 10, 10);
        event(Event.Kind.TOLD_LOST, 1, 10, 0);
        giveBack(1, 10);
        hold(2, 10, 0);
        assertThat(broken()).contains(Promise.DEAD_MEANS_DEAD);
    }

    private void hold(long number, long entry, long token) {
        event(Event.Kind.REQUESTED, 0, 0, 0, number);
        event(Event.Kind.TOLD_ACQUIRED, number, entry, 0);
        event(Event.Kind.GRANTED, number, entry, token, number);
        held(number, entry);
    }

    private void held(long number, long entry) {
        event(Event.Kind.HELD, number, entry, 0);
    }

    private void drawn(long number, long entry, long token) {
        event(Event.Kind.CHANGED, entry, 0, token);
        event(Event.Kind.DRAWN, number, entry, token);
    }

    private void giveBack(long number, long entry) {
        event(Event.Kind.RELEASING, number, entry, 0);
        event(Event.Kind.TOLD_RELEASED, number, entry, 0);
        event(Event.Kind.RELEASED, number, entry, 0);
    }

    private void giveBackForGood(long number, long entry) {
        event(Event.Kind.RELEASING, number, entry, 0);
        deleted(entry);
        event(Event.Kind.TOLD_RELEASED, number, entry, 0);
        event(Event.Kind.RELEASED, number, entry, 0);
    }

    private void put(long entry) {
        event(Event.Kind.PUT, entry, 0, 0);
    }

    private void deleted(long entry) {
        event(Event.Kind.DELETED, entry, 0, 0);
    }

    private void event(Event.Kind kind, long number, long entry, long token) {
        event(kind, number, entry, token, 0);
    }

    private void event(Event.Kind kind, long number, long entry, long token, long call) {
        history.add(new Event(++millis * 1_000_000, "a", kind, "seat", call, number, "", null, entry, token));
    }

    private List<Promise> broken() {
        return Oracle.judge(history, allowed).stream().map(Violation::promise).toList();
    }
}
