package dev.holdfast.lock.cli;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs a command while it holds a lock. */
@Command(
        name = "run",
        description = "Runs a command while holding the lock NAME; ends with the command's exit code.",
        customSynopsis = "holdfast run [OPTIONS] NAME -- COMMAND [ARG...]",
        footer = {
            "",
            "The command sees HOLDFAST_LOCK_KEY, HOLDFAST_LOCK_TOKEN, ETCD_LOCK_KEY, ETCD_LOCK_REV and CONSUL_LOCK_HELD=true.",
            "Exit codes: the command's own, 128 + signal if one ended it, 64 usage, 69 etcd unavailable,",
            "75 not acquired, 76 lock lost, 70 anything else.",
            "",
            "  holdfast run --try nightly-report -- /usr/local/bin/report --all",
            "  holdfast run -n 3 --wait 10m encoding -- ffmpeg -i in.mov out.mp4"
        })
final class RunCommand implements Callable<Integer> {

    /** What to do with the command when its lock is lost. */
    enum OnLost {
        kill,
        ignore
    }

    @Mixin
    private final HelpOption help = new HelpOption();

    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private final LockingOptions locking = new LockingOptions();

    @Option(
            names = "-n",
            paramLabel = "N",
            description = "let N hold the name at once (default: 1); all who use it must say the same N")
    private int permits = 1;

    @Option(names = "--shell", description = "COMMAND is a line for /bin/sh")
    private boolean shell;

    @Option(names = "--no-stdin", description = "the command reads nothing instead of our standard input")
    private boolean noStdin;

    @Option(
            names = "--on-lost",
            paramLabel = "kill|ignore",
            description = "when the lock is lost, end the command (default), or let it go on")
    private OnLost onLost = OnLost.kill;

    @Option(
            names = "--grace",
            paramLabel = "DURATION",
            description =
                    "from SIGTERM to SIGKILL when the lock is lost (default: 5s, or half of --ttl if that is less)")
    private Duration grace = Duration.ofNanos(-1);

    @Option(names = "--label", paramLabel = "TEXT", description = "shown by 'holdfast show'; not secret")
    private String label = "";

    @Parameters(index = "0", paramLabel = "NAME", description = "name of the lock")
    private String name = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "command and its arguments")
    private List<String> command = new ArrayList<>();

    /** Number of words behind {@code --}; negative if there is none. */
    private final int separated;

    RunCommand(int separated) {
        this.separated = separated;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (separated > command.size()) {
            throw CliException.usage(
                    "there is no NAME before --; write: holdfast run [OPTIONS] NAME -- COMMAND [ARG...]");
        }
        if (separated >= 0 && command.size() != separated) {
            throw CliException.usage("'" + command.get(0)
                    + "' stands before --; write: holdfast run [OPTIONS] NAME -- COMMAND [ARG...]");
        }
        if (permits < 1 || permits > LockOptions.MAX_PERMITS) {
            throw CliException.usage("-n is " + permits + "; give 1 to " + LockOptions.MAX_PERMITS);
        }
        Signals signals = Signals.caught();
        Duration patience = locking.patience();
        GracePeriod gracePeriod = gracePeriod();
        List<String> line = shell ? List.of("/bin/sh", "-c", String.join(" ", command)) : command;
        Programs.check(line.get(0));
        // Beside the connection, so that it costs no time.
        CompletableFuture<Guardian> guarding = Background.call("guardian", () -> Guardian.start(gracePeriod.length()));
        try (Connection opened = connection.open(options(line), signals)) {
            LockRegistry registry = opened.registry();
            LockHandle handle = acquire(registry, patience, signals);
            try (Guardian guardian = signals.await(guarding)) {
                // We may also have been stopped since we got it.
                GuardedRun.awaitTime(handle, gracePeriod, signals);
                Child child =
                        Child.start(line, environment(registry, handle), !noStdin, guardian, onLost == OnLost.kill);
                return new GuardedRun(handle, child, gracePeriod, onLost, signals).untilTheEnd();
            }
        } catch (Signalled signalled) {
            return ExitCode.of(signalled.signal());
        }
    }

    private LockHandle acquire(LockRegistry registry, Duration patience, Signals signals)
            throws Signalled, InterruptedException {
        LeaseLock lock = permits == 1 ? registry.lock(name) : registry.semaphore(name, permits);
        Optional<LockHandle> handle;
        try {
            handle = signals.await(lock.tryAcquireAsync(patience));
        } catch (LockLostException removed) {
            throw CliException.placeLost(removed);
        }
        return handle.orElseThrow(() -> new CliException(
                ExitCode.NOT_ACQUIRED,
                "'" + name + "' is busy" + (patience.isZero() ? "" : " and was for " + patience.toMillis() + " ms")
                        + "; 'holdfast show " + name + "' tells who has it",
                null));
    }

    private GracePeriod gracePeriod() {
        Duration ttl = locking.ttl();
        if (onLost == OnLost.ignore) {
            return new GracePeriod(ttl, Duration.ZERO);
        }
        if (grace.isNegative()) {
            Duration half = ttl.dividedBy(2);
            Duration usual = Duration.ofSeconds(5);
            return new GracePeriod(ttl, half.compareTo(usual) < 0 ? half : usual);
        }
        GracePeriod period = new GracePeriod(ttl, grace);
        period.check();
        return period;
    }

    private LockOptions options(List<String> line) {
        Map<String, String> metadata = new LinkedHashMap<>();
        // Its arguments may be secret.
        metadata.put(
                "command", String.valueOf(Path.of(shell ? "sh" : line.get(0)).getFileName()));
        metadata.put("user", System.getProperty("user.name", ""));
        if (!label.isEmpty()) {
            metadata.put("label", label);
        }
        return locking.lockOptions().withMetadata(metadata);
    }

    private Map<String, String> environment(LockRegistry registry, LockHandle handle) {
        String token = Long.toString(handle.fencingToken());
        String lease =
                registry.status().sessions().stream().findFirst().orElseThrow().lease();
        String key = connection.key(name, lease);
        return Map.of(
                Guardian.LOCK_KEY,
                key,
                "HOLDFAST_LOCK_TOKEN",
                token,
                "ETCD_LOCK_KEY",
                key,
                "ETCD_LOCK_REV",
                token,
                "CONSUL_LOCK_HELD",
                "true");
    }
}
