package dev.holdfast.lock.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/** The disk of the leader takes its time: no write gets through, while the leader still answers. */
record StallDisk(Duration duration) implements Nemesis {

    @Override
    public void strike(Rig rig) {
        Programs.need(Programs.onPath("strace"), "strace (Debian: apt-get install strace), and root or CAP_SYS_PTRACE");
        rig.randomMoment(Duration.ofSeconds(1));
        long pid = rig.members().leader().pid();
        Process strace;
        try {
            strace = new ProcessBuilder(
                            "strace",
                            "-f",
                            "-p",
                            Long.toString(pid),
                            "-e",
                            "trace=fdatasync",
                            "-e",
                            "inject=fdatasync:delay_enter=" + duration.toMillis() + "ms",
                            "-o",
                            "/dev/null")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        Rig.pause(duration);
        Programs.need(strace.isAlive(), "strace that may attach to processes, so root or CAP_SYS_PTRACE");
        // Detaches; a write that waits does so to the end of its time.
        strace.destroy();
        strace.onExit().join();
        Rig.pause(Duration.ofSeconds(2));
    }
}
