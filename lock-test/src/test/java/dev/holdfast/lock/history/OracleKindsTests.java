package dev.holdfast.lock.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.history.Event.Kind;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What the oracle sees of semaphores, readers and writers, several names at once, and caps. */
class OracleKindsTests {

    private static final Terms WRITER = Terms.EXCLUSIVE;
    private static final Terms READER = Terms.SHARED;
    private static final Terms ONE_OF_TWO = Terms.semaphore(2);
    private static final Terms BOTH = Terms.allOf(List.of("bed", "seat"));
    private static final String SET = "bed, seat";

    private final History history = new History();
    private final Allowances distant = Allowances.forTtl(Duration.ofSeconds(6));
    private final Allowances harmless = distant.withExact(true);
    private final Allowances faulty = harmless.withLosses(true);
    private final Allowances calm = harmless.withPrompt(Duration.ofSeconds(1));
    private long millis;

    @Nested
    class AtOnce {

        @Test
        void aSemaphoreMayHaveAsManyHoldersAsPermits() {
            take("a", 1, 10, ONE_OF_TWO);
            take("a", 2, 12, ONE_OF_TWO);
            held("a", 1, 10);
            giveBack("a", 2, 12);
            take("b", 3, 14, ONE_OF_TWO);
            held("a", 1, 10);
            giveBack("b", 3, 14);
            giveBack("a", 1, 10);
            assertThat(broken(calm)).isEmpty();
        }

        @Test
        void seesOnePermitTooMany() {
            take("a", 1, 10, ONE_OF_TWO);
            take("a", 2, 12, ONE_OF_TWO);
            take("b", 3, 14, ONE_OF_TWO);
            held("a", 1, 10);
            assertThat(broken(distant)).doesNotContain(Promise.MUTUAL_EXCLUSION);
            held("a", 2, 12);
            assertThat(broken(distant)).contains(Promise.MUTUAL_EXCLUSION);
        }

        @Test
        void seesSemaphoresThatDisagreeHeldTogether() {
            take("a", 1, 10, ONE_OF_TWO);
            take("b", 2, 12, Terms.semaphore(3));
            held("a", 1, 10);
            assertThat(broken(distant)).contains(Promise.MUTUAL_EXCLUSION);
        }

        @Test
        void readersHoldTogether() {
            take("a", 1, 10, READER);
            take("b", 2, 12, READER);
            take("b", 3, 14, READER);
            held("a", 1, 10);
            held("b", 2, 12);
            giveBack("a", 1, 10);
            giveBack("b", 3, 14);
            giveBack("b", 2, 12);
            assertThat(broken(calm)).isEmpty();
        }

        @Test
        void seesAWriterBesideAReader() {
            take("a", 1, 10, READER);
            take("b", 2, 12, WRITER);
            held("a", 1, 10);
            assertThat(broken(distant)).contains(Promise.MUTUAL_EXCLUSION);
        }

        @Test
        void seesAReaderBesideAWriter() {
            take("a", 1, 10, WRITER);
            take("b", 2, 12, READER);
            held("a", 1, 10);
            assertThat(broken(distant)).contains(Promise.MUTUAL_EXCLUSION);
        }

        @Test
        void seesAPermitClaimedAfterItsEntryIsGone() {
            take("a", 1, 10, ONE_OF_TWO);
            take("a", 2, 12, ONE_OF_TWO);
            store(Kind.DELETED, "seat", 10, null);
            held("a", 2, 12);
            assertThat(broken(faulty)).doesNotContain(Promise.LOCAL_LEARNS_FIRST);
            held("a", 1, 10);
            assertThat(broken(faulty)).contains(Promise.LOCAL_LEARNS_FIRST);
        }
    }

    @Nested
    class InTheStore {

        @Test
        void seesAPermitGrantedBehindAsManyAsThereAre() {
            store(Kind.PUT, "seat", 6, ONE_OF_TWO);
            take("a", 1, 10, ONE_OF_TWO);
            assertThat(broken(faulty)).doesNotContain(Promise.FIFO);
            take("b", 2, 12, ONE_OF_TWO);
            assertThat(broken(faulty)).contains(Promise.FIFO);
        }

        @Test
        void seesAReaderThatOvertakesAWriter() {
            take("a", 1, 6, READER);
            store(Kind.PUT, "seat", 8, WRITER);
            assertThat(broken(faulty)).doesNotContain(Promise.FIFO);
            take("b", 2, 10, READER);
            assertThat(broken(faulty)).contains(Promise.FIFO);
        }

        @Test
        void seesAWriterThatOvertakesAReader() {
            store(Kind.PUT, "seat", 8, READER);
            take("b", 2, 10, WRITER);
            assertThat(broken(faulty)).contains(Promise.FIFO);
        }

        @Test
        void seesAReaderWithoutAnEntryOfItsOwn() {
            take("a", 1, 10, READER);
            ask("b", 2, "seat", READER, 1_000, "");
            get("b", 2, "seat", 11);
            assertThat(broken(faulty)).contains(Promise.TOKEN_ORDER);
        }
    }

    @Nested
    class Turns {

        @Test
        void seesThatAFreePermitIsKeptFromTheNext() {
            take("a", 1, 10, ONE_OF_TWO);
            take("a", 2, 12, ONE_OF_TWO);
            ask("b", 3, "seat", ONE_OF_TWO, 60_000, "");
            store(Kind.PUT, "seat", 14, ONE_OF_TWO);
            millis += 5_000;
            giveBack("a", 2, 12);
            millis += 1_500;
            get("b", 3, "seat", 14);
            giveBack("b", 3, 14);
            giveBack("a", 1, 10);
            assertThat(broken(harmless)).isEmpty();
            assertThat(broken(calm)).containsExactly(Promise.LIVENESS);
        }

        @Test
        void whoWaitsForAPermitIsNotKeptWaitingByWhoHolds() {
            take("a", 1, 10, ONE_OF_TWO);
            take("a", 2, 12, ONE_OF_TWO);
            ask("b", 3, "seat", ONE_OF_TWO, 60_000, "");
            store(Kind.PUT, "seat", 14, ONE_OF_TWO);
            millis += 5_000;
            giveBack("a", 1, 10);
            get("b", 3, "seat", 14);
            giveBack("b", 3, 14);
            giveBack("a", 2, 12);
            assertThat(broken(calm)).isEmpty();
        }

        @Test
        void seesThatAReaderIsKeptFromReaders() {
            take("a", 1, 10, READER);
            ask("b", 2, "seat", READER, 60_000, "");
            store(Kind.PUT, "seat", 12, READER);
            millis += 1_500;
            get("b", 2, "seat", 12);
            giveBack("b", 2, 12);
            giveBack("a", 1, 10);
            assertThat(broken(harmless)).isEmpty();
            assertThat(broken(calm)).containsExactly(Promise.LIVENESS);
        }

        @Test
        void aReaderWaitsForTheWriterBeforeIt() {
            take("a", 1, 10, WRITER);
            ask("b", 2, "seat", READER, 60_000, "");
            store(Kind.PUT, "seat", 12, READER);
            millis += 1_500;
            giveBack("a", 1, 10);
            get("b", 2, "seat", 12);
            giveBack("b", 2, 12);
            assertThat(broken(calm)).isEmpty();
        }

        @Test
        void seesAGrantLaterAfterHealThanAnyPoll() {
            lateAfterHeal(distant.pollTime().plusMillis(100));
            assertThat(broken(faulty)).containsExactly(Promise.LIVENESS);
        }

        @Test
        void aGrantAfterHealMayWaitForAPoll() {
            lateAfterHeal(distant.pollTime().minusMillis(100));
            assertThat(broken(faulty)).isEmpty();
        }

        /** Its turn is there when all that was late has come. */
        private void lateAfterHeal(Duration wait) {
            take("a", 1, 10, WRITER);
            ask("b", 2, "seat", WRITER, 60_000, "");
            store(Kind.PUT, "seat", 12, WRITER);
            told(Kind.HEALED, "chaos", 0, "", 0, "");
            millis += 8_000;
            giveBack("a", 1, 10);
            millis += wait.toMillis();
            get("b", 2, "seat", 12);
            giveBack("b", 2, 12);
        }
    }

    @Nested
    class OfOneProcess {

        @Test
        void seesExclusiveCallsServedOutOfOrder() {
            ask("a", 1, "seat", WRITER, 60_000, "");
            take("a", 2, 10, WRITER);
            giveBack("a", 2, 10);
            store(Kind.PUT, "seat", 12, WRITER);
            get("a", 1, "seat", 12);
            giveBack("a", 1, 12);
            assertThat(broken(faulty)).containsExactly(Promise.FIFO);
        }

        @Test
        void newsOfReadersMayCross() {
            crosswise(100);
            assertThat(broken(calm)).isEmpty();
        }

        @Test
        void seesAReaderServedLongAfterALaterOne() {
            crosswise(1_500);
            assertThat(broken(faulty)).isEmpty();
            assertThat(broken(calm)).contains(Promise.FIFO);
        }

        private void crosswise(long between) {
            ask("a", 1, "seat", READER, 60_000, "");
            take("a", 2, 10, READER);
            millis += between;
            store(Kind.PUT, "seat", 12, READER);
            get("a", 1, "seat", 12);
            giveBack("a", 1, 12);
            giveBack("a", 2, 10);
        }

        @Test
        void seesOneSentAwayAlthoughALaterOneWasServed() {
            ask("a", 1, "seat", ONE_OF_TWO, 2_000, "");
            take("a", 2, 10, ONE_OF_TWO);
            millis += 2_000;
            refused("a", 1, "seat", "");
            giveBack("a", 2, 10);
            assertThat(broken(faulty)).isEmpty();
            assertThat(broken(calm)).containsExactly(Promise.FIFO);
        }
    }

    @Nested
    class Tokens {

        @Test
        void thoseOfConcurrentHoldersMayCross() {
            ask("a", 1, "seat", READER, 60_000, "");
            store(Kind.PUT, "seat", 10, READER);
            take("b", 2, 12, READER);
            get("a", 1, "seat", 10);
            write("seat", 12);
            write("seat", 10);
            assertThat(broken(faulty)).doesNotContain(Promise.TOKEN_ORDER, Promise.FENCING);
        }

        @Test
        void seesAWriterWithATokenBelowThatOfAnEarlierReader() {
            take("a", 1, 10, READER);
            giveBack("a", 1, 10);
            take("b", 2, 8, WRITER);
            giveBack("b", 2, 8);
            assertThat(broken(faulty)).containsExactly(Promise.TOKEN_ORDER);
        }

        @Test
        void seesAReaderWithATokenBelowThatOfAnEarlierWriter() {
            take("a", 1, 10, WRITER);
            giveBack("a", 1, 10);
            take("b", 2, 8, READER);
            giveBack("b", 2, 8);
            assertThat(broken(faulty)).containsExactly(Promise.TOKEN_ORDER);
        }

        @Test
        void seesAWriterWriteAfterALaterReader() {
            take("a", 1, 10, WRITER);
            giveBack("a", 1, 10);
            take("b", 2, 12, READER);
            write("seat", 12);
            giveBack("b", 2, 12);
            assertThat(broken(faulty)).isEmpty();
            write("seat", 10);
            assertThat(broken(faulty)).containsExactly(Promise.FENCING);
        }

        @Test
        void seesAReaderWriteAfterALaterWriter() {
            take("a", 1, 10, READER);
            giveBack("a", 1, 10);
            take("b", 2, 12, WRITER);
            write("seat", 12);
            giveBack("b", 2, 12);
            assertThat(broken(faulty)).isEmpty();
            write("seat", 10);
            assertThat(broken(faulty)).containsExactly(Promise.FENCING);
        }

        @Test
        void thoseOfASemaphoreAreNotForFencing() {
            take("a", 1, 10, ONE_OF_TWO);
            take("b", 2, 12, ONE_OF_TWO);
            write("seat", 12);
            write("seat", 10);
            told(Kind.WRITE_REFUSED, "resource", 0, "seat", 10, Event.HOLDER);
            giveBack("a", 1, 10);
            giveBack("b", 2, 12);
            assertThat(broken(faulty)).isEmpty();
        }

        @Test
        void seesAWriterRefusedAlthoughItHolds() {
            take("a", 1, 10, WRITER);
            told(Kind.WRITE_REFUSED, "resource", 0, "seat", 10, Event.HOLDER);
            giveBack("a", 1, 10);
            assertThat(broken(faulty)).containsExactly(Promise.FENCING);
        }
    }

    @Nested
    class Withdrawals {

        @Test
        void seesTheEntryOfACallThatEndedBesideThatOfAHold() {
            withdraw(1_500);
            assertThat(broken(faulty)).isEmpty();
            assertThat(broken(calm)).containsExactly(Promise.NO_LEAKS);
        }

        @Test
        void anEntryMayTakeAMomentToGo() {
            withdraw(500);
            assertThat(broken(calm)).isEmpty();
        }

        private void withdraw(long after) {
            history.add(new Event(0, "a", Kind.CONFIRMED, "", 0, 0x1f, "0"));
            history.add(new Event(0, "b", Kind.CONFIRMED, "", 0, 0x2f, "0"));
            ask("b", 1, "seat", ONE_OF_TWO, 60_000, "");
            entry("seat", 8, ONE_OF_TWO, "locks/seat/2f");
            get("b", 1, "seat", 8);
            ask("a", 2, "seat", ONE_OF_TWO, 60_000, "");
            entry("seat", 10, ONE_OF_TWO, "locks/seat/1f");
            get("a", 2, "seat", 10);
            ask("a", 3, "seat", ONE_OF_TWO, 1_000, "");
            entry("seat", 12, ONE_OF_TWO, "locks/seat/1f.1");
            millis += 1_000;
            refused("a", 3, "seat", "");
            millis += after;
            store(Kind.DELETED, "seat", 12, null);
            giveBack("a", 2, 10);
            giveBack("b", 1, 8);
        }
    }

    @Nested
    class Disagreement {

        @Test
        void isToldOnlyWhereThereIsOne() {
            ask("a", 1, "seat", ONE_OF_TWO, 60_000, "");
            refused("a", 1, "seat", Event.CONFLICT);
            assertThat(broken(harmless)).containsExactly(Promise.AGREEMENT);
        }

        @Test
        void mayBeWithAnEntry() {
            take("b", 1, 10, WRITER);
            ask("a", 2, "seat", ONE_OF_TWO, 60_000, "");
            store(Kind.PUT, "seat", 12, ONE_OF_TWO);
            refused("a", 2, "seat", Event.CONFLICT);
            store(Kind.DELETED, "seat", 12, null);
            giveBack("b", 1, 10);
            assertThat(broken(calm)).isEmpty();
        }

        @Test
        void mayBeWithACallOfTheSameProcess() {
            ask("a", 1, "seat", Terms.semaphore(3), 60_000, "");
            ask("a", 2, "seat", ONE_OF_TWO, 60_000, "");
            refused("a", 2, "seat", Event.CONFLICT);
            store(Kind.PUT, "seat", 10, Terms.semaphore(3));
            get("a", 1, "seat", 10);
            giveBack("a", 1, 10);
            assertThat(broken(calm)).isEmpty();
        }

        /** Its lease ended while the machine slept, and its process has not heard of that. */
        @Test
        void mayBeWithWhatTheSameProcessIsGivingBack() {
            take("a", 1, 10, WRITER);
            store(Kind.DELETED, "seat", 10, null);
            millis += 3_000;
            told(Kind.RELEASING, "a", 1, "seat", 10, "");
            ask("a", 2, "seat", ONE_OF_TWO, 60_000, "");
            refused("a", 2, "seat", Event.CONFLICT);
            released("a", 1, "seat", 10);
            assertThat(broken(faulty)).doesNotContain(Promise.AGREEMENT);

            ask("a", 3, "seat", ONE_OF_TWO, 60_000, "");
            refused("a", 3, "seat", Event.CONFLICT);
            assertThat(broken(faulty)).contains(Promise.AGREEMENT);
        }

        @Test
        void isOverWhenNobodyHoldsOrWaits() {
            take("b", 1, 10, WRITER);
            giveBack("b", 1, 10);
            millis += 3_000;
            ask("a", 2, "seat", ONE_OF_TWO, 60_000, "");
            refused("a", 2, "seat", Event.CONFLICT);
            assertThat(broken(harmless)).containsExactly(Promise.AGREEMENT);
        }

        @Test
        void seesWhoIsNotTold() {
            take("b", 1, 10, WRITER);
            ask("a", 2, "seat", ONE_OF_TWO, 2_000, "");
            millis += 2_000;
            refused("a", 2, "seat", "");
            giveBack("b", 1, 10);
            assertThat(broken(calm)).containsExactly(Promise.AGREEMENT);
        }

        @Test
        void whoAgreesIsSentAwayWithoutAWord() {
            take("b", 1, 10, WRITER);
            ask("a", 2, "seat", READER, 2_000, "");
            millis += 2_000;
            refused("a", 2, "seat", "");
            giveBack("b", 1, 10);
            assertThat(broken(calm)).isEmpty();
        }

        @Test
        void seesAHolderBehindOneThatDisagrees() {
            store(Kind.PUT, "seat", 8, WRITER);
            take("a", 1, 10, Terms.semaphore(3));
            assertThat(broken(faulty)).contains(Promise.AGREEMENT);
        }

        @Test
        void seesAnEntryThatSaysSomethingElse() {
            ask("a", 1, "seat", Terms.semaphore(3), 1_000, "");
            store(Kind.PUT, "seat", 10, ONE_OF_TWO);
            get("a", 1, "seat", 10);
            giveBack("a", 1, 10);
            assertThat(broken(faulty)).containsExactly(Promise.AGREEMENT);
        }

        @Test
        void seesAnEntryThatBecomesAWriter() {
            take("a", 1, 10, READER);
            store(Kind.CHANGED, "seat", 10, WRITER);
            giveBack("a", 1, 10);
            assertThat(broken(faulty)).containsExactly(Promise.AGREEMENT);
        }
    }

    @Nested
    class SeveralNames {

        @Test
        void areTakenAndGivenBackAsOne() {
            take("b", 1, 8, WRITER);
            ask("a", 2, SET, BOTH, 60_000, "");
            putBoth(10);
            millis += 1_500;
            giveBack("b", 1, 8);
            get("a", 2, SET, 10);
            told(Kind.HELD, "a", 2, SET, 10, "");
            giveBackBoth("a", 2, 10);
            take("b", 3, 12, WRITER);
            giveBack("b", 3, 12);
            assertThat(broken(calm)).isEmpty();
        }

        @Test
        void seesOneOfThemHeldByAnother() {
            takeBoth("a", 1, 10);
            take("b", 2, 12, WRITER);
            told(Kind.HELD, "a", 1, SET, 10, "");
            assertThat(broken(distant)).contains(Promise.MUTUAL_EXCLUSION);
        }

        @Test
        void seesAGrantWithoutAllEntries() {
            ask("a", 1, SET, BOTH, 60_000, "");
            store(Kind.PUT, "bed", 10, WRITER);
            get("a", 1, SET, 10);
            assertThat(broken(distant)).contains(Promise.ATOMICITY);
        }

        @Test
        void seesAWaitWithoutAllEntries() {
            ask("a", 1, SET, BOTH, 1_000, "");
            store(Kind.PUT, "bed", 10, BOTH);
            millis += 1_000;
            refused("a", 1, SET, "");
            store(Kind.DELETED, "bed", 10, null);
            assertThat(broken(distant)).containsExactly(Promise.ATOMICITY);
        }

        @Test
        void seesAGrantWhenNotTheFirstInEach() {
            store(Kind.PUT, "seat", 8, WRITER);
            takeBoth("a", 1, 10);
            assertThat(broken(faulty)).contains(Promise.FIFO);
        }

        @Test
        void seesAClaimAfterOneIsGone() {
            takeBoth("a", 1, 10);
            store(Kind.DELETED, "seat", 10, null);
            told(Kind.HELD, "a", 1, SET, 10, "");
            assertThat(broken(faulty)).contains(Promise.LOCAL_LEARNS_FIRST);
        }

        @Test
        void seesThatTheyAreNotGivenBackAtOnce() {
            takeBoth("a", 1, 10);
            told(Kind.RELEASING, "a", 1, SET, 10, "");
            store(Kind.DELETED, "bed", 10, null);
            store(Kind.DELETED, "seat", 10, null);
            released("a", 1, SET, 10);
            assertThat(broken(faulty)).containsExactly(Promise.ATOMICITY);
        }

        @Test
        void seesOneThatIsLeftAfterTheRelease() {
            takeBoth("a", 1, 10);
            told(Kind.RELEASING, "a", 1, SET, 10, "");
            store(Kind.DELETED, "bed", 10, null);
            released("a", 1, SET, 10);
            assertThat(broken(faulty)).contains(Promise.NO_LEAKS);
        }

        @Test
        void seesOneThatIsLeftAfterATimeout() {
            history.add(new Event(0, "a", Kind.CONFIRMED, "", 0, 0x1f, "0"));
            take("b", 1, 8, WRITER);
            ask("a", 2, SET, BOTH, 1_000, "");
            entry("bed", 10, WRITER, "locks/bed/1f");
            entry("seat", 10, WRITER, "locks/seat/1f");
            millis += 1_000;
            refused("a", 2, SET, "");
            store(Kind.DELETED, "bed", 10, null);
            millis += 1_500;
            store(Kind.DELETED, "seat", 10, null);
            giveBack("b", 1, 8);
            assertThat(broken(faulty)).isEmpty();
            assertThat(broken(calm)).containsExactly(Promise.NO_LEAKS);
        }

        @Test
        void areOneHoldForThoseWhoLayHandsOnOne() {
            takeBoth("a", 1, 10);
            store(Kind.INTERFERED, "seat", 10, null);
            store(Kind.DELETED, "seat", 10, null);
            told(Kind.TOLD_LOST, "a", 0, SET, 10, "KEY_DELETED");
            store(Kind.DELETED, "bed", 10, null);
            assertThat(broken(faulty)).isEmpty();
        }

        @Test
        void seesThatTheLossOfAllIsToldTwice() {
            takeBoth("a", 1, 10);
            deleteBoth(10);
            told(Kind.TOLD_LOST, "a", 0, SET, 10, "LEASE_GONE");
            assertThat(broken(faulty)).isEmpty();
            told(Kind.TOLD_LOST, "a", 0, SET, 10, "LEASE_GONE");
            assertThat(broken(faulty)).containsExactly(Promise.CALLBACK_ORDER);
        }
    }

    @Nested
    class Downgrades {

        @Test
        void letReadersInWithoutAGap() {
            take("a", 1, 10, WRITER);
            ask("b", 2, "seat", READER, 60_000, "");
            store(Kind.PUT, "seat", 12, READER);
            millis += 1_500;
            downgrade();
            get("b", 2, "seat", 12);
            held("a", 1, 10);
            giveBack("b", 2, 12);
            giveBack("a", 1, 10);
            assertThat(broken(calm)).isEmpty();
        }

        @Test
        void seesReadersInBeforeTheWriterKnows() {
            take("a", 1, 10, WRITER);
            store(Kind.CHANGED, "seat", 10, READER);
            assertThat(broken(faulty)).contains(Promise.LOCAL_LEARNS_FIRST);
            take("b", 2, 12, READER);
            held("a", 1, 10);
            assertThat(broken(distant)).contains(Promise.MUTUAL_EXCLUSION);
        }

        @Test
        void seesAWriterInTheGap() {
            take("a", 1, 10, WRITER);
            told(Kind.DOWNGRADING, "a", 1, "seat", 10, "");
            take("b", 2, 12, WRITER);
            giveBack("b", 2, 12);
            told(Kind.DOWNGRADED, "a", 1, "seat", 10, "");
            held("a", 1, 10);
            assertThat(broken(distant)).contains(Promise.MUTUAL_EXCLUSION);
        }

        @Test
        void seesAnEntryThatIsPutAnew() {
            take("a", 1, 10, WRITER);
            told(Kind.DOWNGRADING, "a", 1, "seat", 10, "");
            store(Kind.DELETED, "seat", 10, null);
            store(Kind.PUT, "seat", 12, READER);
            told(Kind.DOWNGRADED, "a", 1, "seat", 10, "");
            held("a", 1, 10);
            assertThat(broken(faulty)).contains(Promise.LOCAL_LEARNS_FIRST);
        }

        @Test
        void seesAReaderKeptOutAfterIt() {
            take("a", 1, 10, WRITER);
            told(Kind.DOWNGRADING, "a", 1, "seat", 10, "");
            told(Kind.TOLD_RELEASED, "a", 0, "seat", 10, "");
            told(Kind.TOLD_ACQUIRED, "a", 0, "seat", 10, "");
            told(Kind.DOWNGRADED, "a", 1, "seat", 10, "");
            giveBack("a", 1, 10);
            assertThat(broken(faulty)).containsExactly(Promise.LIVENESS);
        }

        @Test
        void seesOneThatTakesTooLong() {
            take("a", 1, 10, WRITER);
            told(Kind.DOWNGRADING, "a", 1, "seat", 10, "");
            told(Kind.TOLD_RELEASED, "a", 0, "seat", 10, "");
            told(Kind.TOLD_ACQUIRED, "a", 0, "seat", 10, "");
            millis += 3_000;
            told(Kind.DOWNGRADED, "a", 1, "seat", 10, "");
            giveBack("a", 1, 10);
            assertThat(broken(faulty)).containsExactly(Promise.TIMEOUTS_KEPT);
        }

        @Test
        void seesOneThatNeverEnds() {
            take("a", 1, 10, WRITER);
            told(Kind.DOWNGRADING, "a", 1, "seat", 10, "");
            giveBack("a", 1, 10);
            assertThat(broken(faulty)).containsExactly(Promise.LIVENESS);
        }

        @Test
        void oneThatFindsTheHoldLostIsNone() {
            take("a", 1, 10, WRITER);
            told(Kind.DOWNGRADING, "a", 1, "seat", 10, "");
            store(Kind.DELETED, "seat", 10, null);
            told(Kind.TOLD_LOST, "a", 0, "seat", 10, "LEASE_GONE");
            assertThat(broken(faulty)).isEmpty();
        }

        @Test
        void seesThatNobodyTellsOfTheReadHold() {
            take("a", 1, 10, WRITER);
            told(Kind.DOWNGRADING, "a", 1, "seat", 10, "");
            store(Kind.CHANGED, "seat", 10, READER);
            told(Kind.DOWNGRADED, "a", 1, "seat", 10, "");
            giveBack("a", 1, 10);
            assertThat(broken(faulty)).containsExactly(Promise.CALLBACK_ORDER);
        }

        private void downgrade() {
            told(Kind.DOWNGRADING, "a", 1, "seat", 10, "");
            store(Kind.CHANGED, "seat", 10, READER);
            told(Kind.TOLD_RELEASED, "a", 0, "seat", 10, "");
            told(Kind.TOLD_ACQUIRED, "a", 0, "seat", 10, "");
            told(Kind.DOWNGRADED, "a", 1, "seat", 10, "");
        }
    }

    @Nested
    class Caps {

        private final Terms fourSeconds = WRITER.withCap(Duration.ofSeconds(4));

        @Test
        void endAHoldWithoutAnyFault() {
            take("a", 1, 10, fourSeconds);
            millis += 3_990;
            held("a", 1, 10);
            millis += 10;
            told(Kind.TOLD_LOST, "a", 0, "seat", 10, "MAX_HOLD");
            store(Kind.DELETED, "seat", 10, null);
            assertThat(broken(calm)).isEmpty();
        }

        @Test
        void seesAHoldEndedBeforeItsCap() {
            take("a", 1, 10, fourSeconds);
            millis += 3_900;
            told(Kind.TOLD_LOST, "a", 0, "seat", 10, "MAX_HOLD");
            store(Kind.DELETED, "seat", 10, null);
            assertThat(broken(faulty)).containsExactly(Promise.TTL_KEPT);
        }

        @Test
        void seesAHoldEndedByACapItDoesNotHave() {
            take("a", 1, 10, WRITER);
            millis += 4_000;
            told(Kind.TOLD_LOST, "a", 0, "seat", 10, "MAX_HOLD");
            store(Kind.DELETED, "seat", 10, null);
            assertThat(broken(faulty)).containsExactly(Promise.NO_SPURIOUS_LOSS);
        }

        @Test
        void seesAHoldClaimedBeyondItsCap() {
            take("a", 1, 10, fourSeconds);
            millis += 4_100;
            held("a", 1, 10);
            giveBack("a", 1, 10);
            assertThat(broken(faulty)).containsExactly(Promise.TTL_KEPT);
        }

        @Test
        void anExtensionCountsAnew() {
            take("a", 1, 10, fourSeconds);
            millis += 2_000;
            extend("a", 1, 10, fourSeconds);
            millis += 3_500;
            held("a", 1, 10);
            millis += 500;
            told(Kind.TOLD_LOST, "a", 0, "seat", 10, "MAX_HOLD");
            store(Kind.DELETED, "seat", 10, null);
            assertThat(broken(calm)).isEmpty();
        }

        @Test
        void seesAnExtensionThatDoesNotCount() {
            take("a", 1, 10, fourSeconds);
            millis += 2_000;
            extend("a", 1, 10, fourSeconds);
            millis += 2_000;
            told(Kind.TOLD_LOST, "a", 0, "seat", 10, "MAX_HOLD");
            store(Kind.DELETED, "seat", 10, null);
            assertThat(broken(calm)).containsExactly(Promise.TTL_KEPT);
        }

        @Test
        void seesAnEntryDeletedBeforeTheEndIsTold() {
            take("a", 1, 10, fourSeconds);
            millis += 4_000;
            store(Kind.DELETED, "seat", 10, null);
            told(Kind.TOLD_LOST, "a", 0, "seat", 10, "MAX_HOLD");
            assertThat(broken(faulty)).containsExactly(Promise.LOCAL_LEARNS_FIRST);
        }

        @Test
        void seesAnEndToldTooLate() {
            take("a", 1, 10, fourSeconds);
            millis += 5_200;
            told(Kind.TOLD_LOST, "a", 0, "seat", 10, "MAX_HOLD");
            store(Kind.DELETED, "seat", 10, null);
            assertThat(broken(faulty)).isEmpty();
            assertThat(broken(calm)).containsExactly(Promise.TTL_KEPT);
        }

        @Test
        void seesAnEntryThatStandsOn() {
            history.add(new Event(0, "a", Kind.CONFIRMED, "", 0, 0x1f, "0"));
            ask("a", 1, "seat", fourSeconds, 1_000, "");
            entry("seat", 10, WRITER, "locks/seat/1f");
            get("a", 1, "seat", 10);
            millis += 4_000;
            told(Kind.TOLD_LOST, "a", 0, "seat", 10, "MAX_HOLD");
            millis += 1_500;
            store(Kind.DELETED, "seat", 10, null);
            assertThat(broken(faulty)).isEmpty();
            assertThat(broken(calm)).containsExactly(Promise.NO_LEAKS);
        }
    }

    @Nested
    class LeastTimes {

        private final Terms fourSeconds = WRITER.withKeep(Duration.ofSeconds(4));

        @Test
        void keepOthersOutAfterTheRelease() {
            take("a", 1, 10, fourSeconds);
            leave("a", 1, 10);
            told(Kind.CLOSING, "a", 0, "", 0, "");
            told(Kind.CLOSED, "a", 0, "", 0, "");
            millis += 5_000;
            store(Kind.DELETED, "seat", 10, null);
            take("b", 2, 12, WRITER);
            giveBack("b", 2, 12);
            assertThat(broken(calm)).isEmpty();
        }

        @Test
        void seesAnEntryGoneTooEarly() {
            take("a", 1, 10, fourSeconds);
            leave("a", 1, 10);
            millis += 3_000;
            store(Kind.DELETED, "seat", 10, null);
            assertThat(broken(faulty)).containsExactly(Promise.HELD_AT_LEAST);
        }

        @Test
        void anEntryMayGoWithItsLeaseWhileItIsMoved() {
            releaseWhileItIsMoved();
            told(Kind.SESSION_ENDED, "a", 0, "", 0x7f, "");
            told(Kind.RELEASED, "a", 1, "seat", 10, Event.IN_BACKGROUND);
            store(Kind.DELETED, "seat", 10, null);
            assertThat(broken(faulty)).isEmpty();
        }

        @Test
        void seesAnEntryGoneWithTheLeaseItNoLongerHungOn() {
            releaseWhileItIsMoved();
            told(Kind.RELEASED, "a", 1, "seat", 10, Event.IN_BACKGROUND);
            millis += 1_000;
            told(Kind.SESSION_ENDED, "a", 0, "", 0x7f, "");
            store(Kind.DELETED, "seat", 10, null);
            assertThat(broken(faulty)).containsExactly(Promise.HELD_AT_LEAST);
        }

        private void releaseWhileItIsMoved() {
            ask("a", 1, "seat", fourSeconds, 60_000, "");
            history.add(new Event(now(), "store", Kind.PUT, "seat", 0, 10, "locks/seat/7f").withTerms(WRITER));
            get("a", 1, "seat", 10);
            told(Kind.RELEASING, "a", 1, "seat", 10, "");
            told(Kind.TOLD_RELEASED, "a", 0, "seat", 10, "");
        }

        @Test
        void seesAnEntryGoneWithTheRelease() {
            take("a", 1, 10, fourSeconds);
            giveBack("a", 1, 10);
            assertThat(broken(faulty)).containsExactly(Promise.HELD_AT_LEAST);
        }

        @Test
        void anEntryMayGoWithAReleaseAfterTheTime() {
            take("a", 1, 10, fourSeconds);
            millis += 4_000;
            giveBack("a", 1, 10);
            assertThat(broken(calm)).isEmpty();
        }

        @Test
        void seesSomebodyElseInTooEarly() {
            take("a", 1, 10, fourSeconds);
            leave("a", 1, 10);
            take("b", 2, 12, WRITER);
            giveBack("b", 2, 12);
            assertThat(broken(distant)).containsExactly(Promise.HELD_AT_LEAST);
        }

        @Test
        void aPermitThatIsKeptIsOneOfAll() {
            Terms kept = ONE_OF_TWO.withKeep(Duration.ofSeconds(4));
            take("a", 1, 10, kept);
            leave("a", 1, 10);
            take("b", 2, 12, kept);
            leave("b", 2, 12);
            assertThat(broken(calm)).isEmpty();
            take("b", 3, 14, ONE_OF_TWO);
            giveBack("b", 3, 14);
            assertThat(broken(distant)).containsExactly(Promise.HELD_AT_LEAST);
        }

        @Test
        void seesAnEntryThatIsKeptForEver() {
            take("a", 1, 10, fourSeconds);
            leave("a", 1, 10);
            millis += 8_000;
            told(Kind.STARTED, "b", 0, "", 0, "");
            assertThat(broken(calm)).isEmpty();
            millis += 2_000;
            told(Kind.STARTED, "c", 0, "", 0, "");
            assertThat(broken(calm)).containsExactly(Promise.NO_LEAKS);
            store(Kind.DELETED, "seat", 10, null);
            assertThat(broken(calm)).containsExactly(Promise.NO_LEAKS);
        }

        @Test
        void aHoldThatIsLostKeepsNobodyOut() {
            take("a", 1, 10, fourSeconds);
            store(Kind.DELETED, "seat", 10, null);
            told(Kind.TOLD_LOST, "a", 0, "seat", 10, "LEASE_GONE");
            take("b", 2, 12, WRITER);
            giveBack("b", 2, 12);
            assertThat(broken(faulty)).isEmpty();
        }

        @Test
        void anExtensionCountsAnew() {
            take("a", 1, 10, WRITER);
            extend("a", 1, 10, fourSeconds);
            leave("a", 1, 10);
            millis += 3_000;
            store(Kind.DELETED, "seat", 10, null);
            assertThat(broken(faulty)).containsExactly(Promise.HELD_AT_LEAST);
        }

        private void leave(String process, long call, long token) {
            told(Kind.RELEASING, process, call, "seat", token, "");
            released(process, call, "seat", token);
        }
    }

    @Nested
    class Lines {

        @Test
        void keepTheTerms() {
            Event event = new Event(5, "a", Kind.REQUESTED, SET, 1, 10, Event.TRY).withTerms(BOTH);
            assertThat(Event.ofLine(event.toLine())).isEqualTo(event);
            assertThat(event.terms()).isEqualTo(BOTH);
        }

        @Test
        void withoutTermsAreOfExclusiveLocks() {
            Event event = Event.ofLine("{\"at\":5,\"process\":\"a\",\"kind\":\"PUT\",\"name\":\"seat\",\"call\":0,"
                    + "\"number\":10,\"detail\":\"locks/seat/1f\"}");
            assertThat(event).isEqualTo(new Event(5, "a", Kind.PUT, "seat", 0, 10, "locks/seat/1f"));
            assertThat(event.terms()).isEqualTo(Terms.EXCLUSIVE);
        }
    }

    private List<Promise> broken(Allowances allowances) {
        return Oracle.judge(history, allowances).stream()
                .map(Violation::promise)
                .distinct()
                .toList();
    }

    private void take(String process, long call, long token, Terms terms) {
        ask(process, call, "seat", terms, 60_000, "");
        store(Kind.PUT, "seat", token, terms);
        get(process, call, "seat", token);
    }

    private void takeBoth(String process, long call, long token) {
        ask(process, call, SET, BOTH, 60_000, "");
        putBoth(token);
        get(process, call, SET, token);
    }

    private void ask(String process, long call, String name, Terms terms, long waitMillis, String detail) {
        history.add(
                new Event(now(), process, Kind.REQUESTED, name, call, waitMillis * 1_000_000, detail).withTerms(terms));
    }

    private void get(String process, long call, String name, long token) {
        told(Kind.TOLD_ACQUIRED, process, 0, name, token, "");
        told(Kind.GRANTED, process, call, name, token, "");
        told(Kind.HELD, process, call, name, token, "");
    }

    private void refused(String process, long call, String name, String how) {
        told(Kind.NOT_GRANTED, process, call, name, 0, how);
    }

    private void held(String process, long call, long token) {
        told(Kind.HELD, process, call, "seat", token, "");
    }

    private void extend(String process, long call, long token, Terms terms) {
        history.add(new Event(now(), process, Kind.EXTENDED, "seat", call, token, "").withTerms(terms));
    }

    private void giveBack(String process, long call, long token) {
        told(Kind.RELEASING, process, call, "seat", token, "");
        store(Kind.DELETED, "seat", token, null);
        released(process, call, "seat", token);
    }

    private void giveBackBoth(String process, long call, long token) {
        told(Kind.RELEASING, process, call, SET, token, "");
        deleteBoth(token);
        released(process, call, SET, token);
    }

    private void released(String process, long call, String name, long token) {
        told(Kind.TOLD_RELEASED, process, 0, name, token, "");
        told(Kind.RELEASED, process, call, name, token, "");
    }

    private void putBoth(long token) {
        long at = now();
        history.add(new Event(at, "store", Kind.PUT, "bed", 0, token, ""));
        history.add(new Event(at, "store", Kind.PUT, "seat", 0, token, ""));
    }

    private void deleteBoth(long token) {
        long at = now();
        history.add(new Event(at, "store", Kind.DELETED, "bed", 0, token, ""));
        history.add(new Event(at, "store", Kind.DELETED, "seat", 0, token, ""));
    }

    private void store(Kind kind, String name, long token, @Nullable Terms terms) {
        history.add(new Event(now(), "store", kind, name, 0, token, "", terms));
    }

    private void entry(String name, long token, Terms terms, String key) {
        history.add(new Event(now(), "store", Kind.PUT, name, 0, token, key, terms));
    }

    private void write(String name, long token) {
        told(Kind.WRITTEN, "resource", 0, name, token, "");
    }

    private void told(Kind kind, String process, long call, String name, long number, String detail) {
        history.add(new Event(now(), process, kind, name, call, number, detail));
    }

    private long now() {
        return ++millis * 1_000_000;
    }
}
