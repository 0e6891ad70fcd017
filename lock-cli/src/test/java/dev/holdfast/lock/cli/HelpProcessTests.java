package dev.holdfast.lock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the program tells of itself. */
@Timeout(120)
class HelpProcessTests {

    @TempDir
    Path directory;

    @Test
    void helpAndVersionGoToStandardOutput() {
        Program.Setting setting = new Program.Setting(directory);
        try (Program all = setting.holdfast("--help");
                Program run = setting.holdfast("run", "--help");
                Program version = setting.holdfast("--version")) {
            assertThat(all.exitCode()).isZero();
            assertThat(all.out()).contains("run", "elect", "list", "show", "release", "completion");
            assertThat(all.err()).isEmpty();
            assertThat(run.exitCode()).isZero();
            assertThat(run.out())
                    .contains("holdfast run [OPTIONS] NAME -- COMMAND [ARG...]", "--grace", "ETCDCTL_ENDPOINTS");
            assertThat(version.exitCode()).isZero();
            assertThat(version.out()).matches("holdfast \\d.*\\n");
        }
    }

    @Test
    void completionsKnowCommandsAndOptions() throws IOException {
        Program.Setting setting = new Program.Setting(directory);
        try (Program completion = setting.holdfast("completion")) {
            assertThat(completion.exitCode()).isZero();
            Path script = Files.writeString(setting.file("completion.sh"), completion.out());
            String ask = ". '" + script + "'"
                    + "; COMP_WORDS=(holdfast run --gr); COMP_CWORD=2; _complete_holdfast; echo \"${COMPREPLY[@]}\""
                    + "; COMP_WORDS=(holdfast el); COMP_CWORD=1; _complete_holdfast; echo \"${COMPREPLY[@]}\"";
            try (Program bash = setting.start(Redirect.PIPE, List.of("bash", "-c", ask))) {
                assertThat(bash.exitCode()).as("%s", bash).isZero();
                assertThat(bash.out()).isEqualTo("--grace\nelect\n");
            }
        }
    }
}
