package dev.holdfast.lock.benchmarks.run;

import dev.holdfast.lock.benchmarks.server.Programs;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A JDK that runs workers. */
record Jdk(Path home, String version) {

    private static final int WARNS_OF_UNSAFE = 24;

    static Jdk running() {
        return new Jdk(
                Path.of(System.getProperty("java.home")), Runtime.version().toString());
    }

    static Jdk at(Path home) {
        Jdk unknown = new Jdk(home, "0");
        String line = Programs.firstLine(unknown.java().toString(), "--version")
                .orElseThrow(() -> new IllegalArgumentException("There is no JDK at " + home));
        return new Jdk(home, line.replaceFirst("^\\S+ (\\S+).*", "$1"));
    }

    /** The one to run virtual threads on, if there is one. */
    static Optional<Jdk> withVirtualThreads(Optional<Jdk> other) {
        return other.or(() -> Optional.of(running())).filter(jdk -> jdk.feature() >= 21);
    }

    int feature() {
        return Integer.parseInt(version.replaceFirst("\\D.*", ""));
    }

    Path java() {
        return home.resolve("bin").resolve("java");
    }

    List<String> options() {
        return feature() >= WARNS_OF_UNSAFE
                ? List.of("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED")
                : List.of();
    }
}
