package dev.holdfast.lock.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints what teaches a shell our commands and options. */
@Command(name = "completion", description = "Prints completion for bash and zsh: source <(holdfast completion)")
final class CompletionCommand implements Callable<Integer> {

    @Mixin
    private final HelpOption help = new HelpOption();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("not called by picocli");
        }
        System.out.print(AutoComplete.bash("holdfast", spec.root().commandLine()));
        return ExitCode.OK;
    }
}
