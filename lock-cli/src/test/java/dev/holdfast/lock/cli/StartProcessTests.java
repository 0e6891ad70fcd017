package dev.holdfast.lock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How the program is started: as by cron, with streams closed, by another JDK, with an archive. */
class StartProcessTests extends ProcessesOnEtcd {

    @Test
    void inTheEnvironmentOfCronNamesAndArgumentsAreWhatTheyAre() {
        String see = " run größe -- sh -c 'echo \"$0 $ETCD_LOCK_KEY ${LC_ALL-unset}\"' ñandú";
        try (Program cron = script(bare("") + see);
                Program withLocale = script(bare("LC_ALL=POSIX") + see)) {
            assertThat(cron.exitCode()).as("%s", cron).isZero();
            assertThat(cron.out()).startsWith("ñandú locks/größe/").endsWith(" unset\n");
            assertThat(withLocale.exitCode()).as("%s", withLocale).isZero();
            assertThat(withLocale.out()).startsWith("ñandú locks/größe/").endsWith(" POSIX\n");
        }
        try (Program show = script(bare("") + " show --json größe")) {
            assertThat(show.exitCode()).isZero();
            assertThat(JsonParser.parseString(show.out())
                            .getAsJsonObject()
                            .get("name")
                            .getAsString())
                    .isEqualTo("größe");
        }
    }

    @Test
    void argumentsThatCannotBePassedOnAreRefused() {
        try (Program run = script(Program.quotedLauncher() + " run " + name + " -- echo \"$(printf 'a\\344b')\"")) {
            assertThat(run.exitCode()).isEqualTo(64);
            assertThat(run.out()).isEmpty();
            assertThat(run.err()).hasLineCount(1).contains("is not in UTF-8");
        }
    }

    @Test
    void closedStreamsAreEmptyForTheCommand() {
        Path seen = setting.file("seen");
        String look = "a=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2); echo \"$a\" > " + seen;
        try (Program run =
                script(Program.quotedLauncher() + " run " + name + " -- sh -c '" + look + "' <&- >&- 2>&-")) {
            assertThat(run.exitCode()).isZero();
            assertThat(Program.read(seen)).isEqualTo("/dev/null\n".repeat(3));
        }
    }

    @Test
    void outputThatCannotBeWrittenIsAFailure() {
        try (Program list = script(Program.quotedLauncher() + " list > /dev/full")) {
            assertThat(list.exitCode()).isEqualTo(70);
            assertThat(list.err()).isEqualTo("holdfast: standard output cannot be written\n");
        }
    }

    @Test
    void aMissingJdkIsTold() {
        try (Program run = setting.with("JAVA_HOME", "/no/jdk").holdfast("run", name, "--", "true")) {
            assertThat(run.exitCode()).isEqualTo(70);
            assertThat(run.err()).hasLineCount(1).contains("/no/jdk/bin/java", "JAVA_HOME");
        }
    }

    @Test
    void anArchiveComesWholeOrNotAtAll() throws IOException {
        Path installed = Files.createDirectory(setting.file("installed"));
        Files.copy(Path.of("target/holdfast.jar"), installed.resolve("holdfast.jar"));
        setting.with("HOLDFAST_JAR", installed.resolve("holdfast.jar").toString());
        try (Program away = setting.holdfast("--archive", "--endpoints", "http://127.0.0.1:1", "--timeout", "1s")) {
            assertThat(away.exitCode()).isEqualTo(69);
            assertThat(files(installed)).containsExactly("holdfast.jar");
        }
        try (Program archive = setting.holdfast("--archive", "--timeout", "20s")) {
            assertThat(archive.exitCode()).as("%s", archive).isZero();
            assertThat(archive.err()).isEmpty();
            assertThat(files(installed)).containsExactly("holdfast.jar", "holdfast.jsa");
        }
        Files.writeString(installed.resolve("holdfast.jsa"), "stale");
        try (Program run = setting.holdfast("run", name, "--", "echo", "ran")) {
            assertThat(run.exitCode()).isZero();
            assertThat(run.err()).isEmpty();
        }
    }

    private static List<String> files(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(each -> each.getFileName().toString()).sorted().toList();
        }
    }

    private static String bare(String variable) {
        return "env -i JAVA_HOME=\"$JAVA_HOME\" HOLDFAST_JAR=\"$HOLDFAST_JAR\" ETCDCTL_ENDPOINTS=$ETCDCTL_ENDPOINTS "
                + variable + " " + Program.quotedLauncher();
    }

    /** In a file, because the JVM of the tests may itself be unable to pass on what is not ASCII. */
    private Program script(String text) {
        try {
            Path file = Files.writeString(Files.createTempFile(directory, "script", ".sh"), text + "\n");
            return setting.start(Redirect.from(Path.of("/dev/null").toFile()), List.of("sh", file.toString()));
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }
}
