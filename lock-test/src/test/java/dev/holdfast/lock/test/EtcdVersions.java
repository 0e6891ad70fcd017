package dev.holdfast.lock.test;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The versions of etcd the locks are tested on. They are in the directories {@code HOLDFAST_ETCD_PROGRAMS} names, else where
 * {@code dev.d/etcd-versions} puts them; a version that is missing fails the tests that want it.
 */
public final class EtcdVersions {

    private static final String VARIABLE = "HOLDFAST_ETCD_PROGRAMS";

    private EtcdVersions() {}

    /** One version, with the directory of its {@code etcd} and {@code etcdctl}. */
    public record EtcdVersion(Path programs) implements Comparable<EtcdVersion> {

        public EtcdServer.Builder server() {
            return EtcdServer.builder().programs(programs);
        }

        public boolean atLeast(int... parts) {
            return Arrays.compare(parts(), parts) >= 0;
        }

        private int[] parts() {
            return Stream.of(toString().split("\\."))
                    .mapToInt(Integer::parseInt)
                    .toArray();
        }

        @Override
        public int compareTo(EtcdVersion other) {
            return Arrays.compare(parts(), other.parts());
        }

        @Override
        public String toString() {
            return programs.getFileName().toString();
        }
    }

    /** All that must be there, and what else is there. */
    public static List<EtcdVersion> all() {
        old();
        withoutTokensForRenewals();
        current();
        return present();
    }

    /** A 3.4 with the defect of etcd's issue 15247: it can revoke a lease that is being renewed. */
    public static EtcdVersion old() {
        return one("3.4", version -> version.atLeast(3, 4) && !version.atLeast(3, 4, 31));
    }

    /** Without that defect, but from before renewals needed a valid token. */
    public static EtcdVersion withoutTokensForRenewals() {
        return one("3.5.16", version -> version.toString().equals("3.5.16"));
    }

    /** A 3.5 that checks the token of a renewal. */
    public static EtcdVersion current() {
        return one("3.5 from 3.5.28 on", version -> version.atLeast(3, 5, 28) && !version.atLeast(3, 6));
    }

    private static EtcdVersion one(String wanted, Predicate<EtcdVersion> which) {
        Optional<EtcdVersion> newest = present().stream().filter(which).max(Comparator.naturalOrder());
        return newest.orElseThrow(
                () -> new IllegalStateException("This test needs etcd " + wanted + ". Run dev.d/etcd-versions, or put"
                        + " etcd and etcdctl into directories named as their versions and set " + VARIABLE
                        + " to the directories; there"
                        + " are " + present()));
    }

    private static List<EtcdVersion> present() {
        return directories()
                .filter(directory -> Files.isExecutable(directory.resolve("etcd")))
                .filter(directory -> directory.getFileName().toString().matches("\\d+\\.\\d+\\.\\d+"))
                .map(EtcdVersion::new)
                .sorted()
                .toList();
    }

    private static Stream<Path> directories() {
        String given = System.getenv(VARIABLE);
        if (given != null && !given.isBlank()) {
            return Stream.of(given.split(File.pathSeparator)).map(Path::of);
        }
        String cache = System.getenv("XDG_CACHE_HOME");
        Path versions = (cache == null ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache))
                .resolve("holdfast/etcd");
        if (!Files.isDirectory(versions)) {
            return Stream.empty();
        }
        try (Stream<Path> found = Files.list(versions)) {
            return found.toList().stream();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
