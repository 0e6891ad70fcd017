package dev.holdfast.lock.benchmarks.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a hypervisor has taken from the processors of this machine so far, as {@code /proc/stat} tells: figures that were measured
 * meanwhile say more about the neighbours than about the subject. Nothing where there is no such file.
 *
 * @param stolen in ticks, as {@code all}
 */
record StolenTime(long stolen, long all) {

    private static final Path STAT = Path.of("/proc/stat");

    /** user, nice, system, idle, iowait, irq, softirq, steal; guests are part of user. */
    private static final int COLUMNS = 8;

    static StolenTime now() {
        try {
            return parse(Files.readString(STAT));
        } catch (IOException unknown) {
            return new StolenTime(0, 0);
        }
    }

    static StolenTime parse(String stat) {
        String[] columns = stat.lines().findFirst().orElse("").trim().split("\\s+");
        long all = 0;
        for (int i = 1; i <= COLUMNS && i < columns.length; i++) {
            all += Long.parseLong(columns[i]);
        }
        return new StolenTime(columns.length > COLUMNS ? Long.parseLong(columns[COLUMNS]) : 0, all);
    }

    double percentSince(StolenTime before) {
        return all == before.all ? 0 : 100.0 * (stolen - before.stolen) / (all - before.all);
    }
}
