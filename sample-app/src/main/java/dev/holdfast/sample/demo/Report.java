package dev.holdfast.sample.demo;

import java.io.PrintStream;
import java.time.Duration;

/** The demo's result as a table, and whether it is what was promised. */
record Report(Outcome without, Outcome with, TakeOver takeOver, Settlements settlements) {

    boolean isAsPromised() {
        return without.oversold() > 0
                && with.oversold() == 0
                && with.sold() == with.seats()
                && with.failed() == 0
                && takeOver.isInTime()
                && takeOver.outcome().oversold() == 0
                && settlements.runs() > 0
                && settlements.twice() == 0;
    }

    void print(PrintStream out) {
        row(out, "", "without lock", "with lock");
        row(out, "bookings asked for", without.asked(), with.asked());
        row(out, "seats", without.seats(), with.seats());
        row(out, "tickets sold", without.sold(), with.sold());
        row(out, "oversold", without.oversold(), with.oversold());
        row(out, "failed", without.failed(), with.failed());
        row(out, "wait for an answer, p50", millis(without.p50()), millis(with.p50()));
        row(out, "wait for an answer, p99", millis(without.p99()), millis(with.p99()));
        out.println();
        out.printf(
                "Holder killed (SIGKILL): next ticket after %.1f s, promised within %d s; oversold %d%n",
                takeOver.time().toMillis() / 1000.0,
                takeOver.allowed().toSeconds(),
                takeOver.outcome().oversold());
        out.printf(
                "Scheduled settlement on two instances: %d runs, %d periods settled twice%n",
                settlements.runs(), settlements.twice());
        out.println(isAsPromised() ? "All as promised." : "NOT as promised.");
    }

    private static void row(PrintStream out, String what, Object left, Object right) {
        out.printf("%-26s %14s %14s%n", what, left, right);
    }

    private static String millis(Duration time) {
        return time.toMillis() + " ms";
    }
}
