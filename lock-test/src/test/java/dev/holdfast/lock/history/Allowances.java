package dev.holdfast.lock.history;

import dev.holdfast.lock.HandOver;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * What a history may show without a promise being broken.
 *
 * @param ttl of the holds
 * @param lateReturn how much later than its wait a call may return
 * @param lateInterrupt how long after an interrupt or a cancellation it may return
 * @param closeTime how long a close may take
 * @param noticeTime how long after somebody else's hand on its entry a hold may still say that it is held; if losses are allowed,
 *     counted from the end of the faults, which can hide everything
 * @param losses whether holds may be lost because leases ended
 * @param exclusionByTokenOnly the store itself breaks leases: only the token excludes (etcd before 3.4.31 and 3.5.13 on a stalled disk)
 * @param prompt nothing is in the way of anybody, so that whoever is next has the lock within that, and who does not wait is answered;
 *     zero: that is not so
 * @param steadyClocks no clock jumps, so that what is not held once is never held again
 * @param exact events of the store have the times of the store, not those of a distant observer
 * @param handOver how holds may be passed on inside a process
 */
public record Allowances(
        Duration ttl,
        Duration lateReturn,
        Duration lateInterrupt,
        Duration closeTime,
        Duration noticeTime,
        boolean losses,
        boolean exclusionByTokenOnly,
        Duration prompt,
        boolean steadyClocks,
        boolean exact,
        HandOver handOver) {

    /** The numbers of reliability.md, C9, for holds with that TTL: seen by a distant observer, nothing may be lost. */
    public static Allowances forTtl(Duration ttl) {
        return new Allowances(
                ttl,
                Duration.ofMillis(250),
                Duration.ofMillis(100),
                Duration.ofSeconds(5),
                // One audit each sixth of the TTL, an answer within a quarter, a second look within a request's time.
                ttl.dividedBy(6).plus(ttl.dividedBy(4)).plus(Duration.ofSeconds(2)),
                false,
                false,
                Duration.ZERO,
                false,
                false,
                HandOver.defaults());
    }

    public Allowances withLosses(boolean allowed) {
        return with(changed -> changed.losses = allowed);
    }

    public Allowances withExclusionByTokenOnly(boolean tokenOnly) {
        return with(changed -> changed.exclusionByTokenOnly = tokenOnly);
    }

    public Allowances withExact(boolean times) {
        return with(changed -> changed.exact = times);
    }

    public Allowances withPrompt(Duration limit) {
        return with(changed -> changed.prompt = limit);
    }

    public Allowances withSteadyClocks(boolean steady) {
        return with(changed -> changed.steadyClocks = steady);
    }

    public Allowances withCloseTime(Duration limit) {
        return with(changed -> changed.closeTime = limit);
    }

    public Allowances withHandOver(HandOver bounds) {
        return with(changed -> changed.handOver = bounds);
    }

    /** For real machines under load: how late calls may return. */
    public Allowances withLateReturn(Duration calls, Duration interrupts) {
        return with(changed -> {
            changed.lateReturn = calls;
            changed.lateInterrupt = interrupts;
        });
    }

    private Allowances with(Consumer<Draft> change) {
        Draft draft = new Draft();
        change.accept(draft);
        return draft.finished();
    }

    /** All components, to change some of them. */
    private final class Draft {

        private Duration ttl = Allowances.this.ttl;
        private Duration lateReturn = Allowances.this.lateReturn;
        private Duration lateInterrupt = Allowances.this.lateInterrupt;
        private Duration closeTime = Allowances.this.closeTime;
        private Duration noticeTime = Allowances.this.noticeTime;
        private boolean losses = Allowances.this.losses;
        private boolean exclusionByTokenOnly = Allowances.this.exclusionByTokenOnly;
        private Duration prompt = Allowances.this.prompt;
        private boolean steadyClocks = Allowances.this.steadyClocks;
        private boolean exact = Allowances.this.exact;
        private HandOver handOver = Allowances.this.handOver;

        private Allowances finished() {
            return new Allowances(
                    ttl,
                    lateReturn,
                    lateInterrupt,
                    closeTime,
                    noticeTime,
                    losses,
                    exclusionByTokenOnly,
                    prompt,
                    steadyClocks,
                    exact,
                    handOver);
        }
    }

    /** How long a release may block. */
    Duration releaseTime() {
        return Duration.ofSeconds(2).plus(lateReturn);
    }

    /** A release that took so long gave up to wait and goes on by itself; a clock may run fast. */
    Duration releaseGivesUp() {
        return Duration.ofMillis(1_990);
    }

    /** How long whoever is next may not know it although nothing is wrong: a poll, its read, a renewal. */
    Duration pollTime() {
        return ttl.dividedBy(3).multipliedBy(6).dividedBy(5).plusSeconds(4);
    }
}
