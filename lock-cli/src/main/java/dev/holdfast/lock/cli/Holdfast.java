package dev.holdfast.lock.cli;

import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockNotAcquiredException;
import dev.holdfast.lock.LockUnavailableException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The program {@code holdfast}. */
@Command(
        name = "holdfast",
        versionProvider = Holdfast.Version.class,
        description = "Runs commands under locks held in etcd, and shows who holds what.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "'holdfast COMMAND --help' tells more of a command."})
public final class Holdfast implements Callable<Integer> {

    /** Options before it are ours, all behind it is the command's. */
    private static final String SEPARATOR = "--";

    private static final Set<String> ON_ETCD = Set.of("run", "elect", "list", "show", "release");

    @Mixin
    private final HelpOption help = new HelpOption();

    @Option(names = "--version", versionHelp = true, description = "show the version")
    private boolean version;

    private Holdfast() {}

    public static void main(String[] args) {
        List<String> words = List.of(args);
        if (!words.isEmpty() && ON_ETCD.contains(words.get(0)) && !words.contains("--verbose")) {
            Preload.start();
        }
        int code;
        try {
            code = unreadable(words) ? ExitCode.USAGE : execute(args);
        } catch (Error broken) {
            // picocli lets these through, and such a JVM would end with 1.
            Messages.warn(broken.toString());
            code = ExitCode.FAILURE;
        }
        if (code == ExitCode.OK && System.out.checkError()) {
            Messages.warn("standard output cannot be written");
            code = ExitCode.FAILURE;
        }
        System.exit(code);
    }

    /** What is no UTF-8 has lost its bytes already; so it would be another lock, or another file. */
    private static boolean unreadable(List<String> words) {
        for (String word : words) {
            if (word.indexOf('\uFFFD') >= 0) {
                Messages.warn("'" + word + "' is not in UTF-8 and cannot be passed on; put the command into a script");
                return true;
            }
        }
        return false;
    }

    static int execute(String... args) {
        int separator = List.of(args).indexOf(SEPARATOR);
        CommandLine line = new CommandLine(new Holdfast());
        commands(separator < 0 ? -1 : args.length - separator - 1).forEach((name, make) -> {
            // picocli takes its time for each, so it gets to know the others only when none is named.
            if (args.length == 0 || !ON_ETCD.contains(args[0]) || name.equals(args[0])) {
                line.addSubcommand(make.get());
            }
        });
        CommandLine run = line.getSubcommands().get("run");
        if (run != null) {
            // Without a separator the first word that is no option is the name, and what follows the command: as in
            // etcdctl lock.
            run.setStopAtPositional(separator < 0);
        }
        line.registerConverter(Duration.class, new DurationConverter());
        line.setExpandAtFiles(false);
        line.setParameterExceptionHandler(Holdfast::notUnderstood);
        line.setExecutionExceptionHandler(Holdfast::failed);
        return line.execute(args);
    }

    private static Map<String, Supplier<Object>> commands(int separated) {
        Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
        commands.put("run", () -> new RunCommand(separated));
        commands.put("elect", ElectCommand::new);
        commands.put("list", ListCommand::new);
        commands.put("show", ShowCommand::new);
        commands.put("release", ReleaseCommand::new);
        commands.put("completion", CompletionCommand::new);
        return commands;
    }

    @Override
    public Integer call() {
        throw CliException.usage("no command is given; see 'holdfast --help'");
    }

    private static int notUnderstood(ParameterException wrong, String[] args) {
        String name = wrong.getCommandLine().getCommandSpec().qualifiedName();
        Messages.warn(firstLine(wrong) + "; see '" + name + " --help'");
        return ExitCode.USAGE;
    }

    private static int failed(Exception failure, CommandLine line, ParseResult parsed) {
        // Not among all words: those of the command to run are there too.
        boolean verbose = parsed.hasSubcommand() && parsed.subcommand().hasMatchedOption("--verbose");
        Messages.warn(failure instanceof RuntimeException ? firstLine(failure) : failure.toString());
        if (verbose) {
            failure.printStackTrace();
        }
        return exitCode(failure);
    }

    private static int exitCode(Exception failure) {
        if (failure instanceof CliException ours) {
            return ours.exitCode();
        }
        if (failure instanceof IllegalArgumentException) {
            return ExitCode.USAGE;
        }
        if (failure instanceof LockException trouble) {
            return exitCode(trouble);
        }
        return ExitCode.FAILURE;
    }

    private static int exitCode(LockException trouble) {
        if (trouble instanceof LockUnavailableException) {
            return ExitCode.UNAVAILABLE;
        }
        if (trouble instanceof LockNotAcquiredException) {
            return ExitCode.NOT_ACQUIRED;
        }
        return trouble instanceof LockLostException ? ExitCode.LOST : ExitCode.FAILURE;
    }

    private static String firstLine(Exception failure) {
        String message = failure.getMessage();
        if (message != null && failure instanceof CliException) {
            return message;
        }
        return message == null
                ? failure.toString()
                : message.lines().findFirst().orElse("");
    }

    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            String version = Holdfast.class.getPackage().getImplementationVersion();
            return new String[] {"holdfast " + (version == null ? "(not packaged)" : version)};
        }
    }
}
