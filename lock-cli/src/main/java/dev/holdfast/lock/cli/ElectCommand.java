package dev.holdfast.lock.cli;

import dev.holdfast.lock.LeaderElection;
import dev.holdfast.lock.LeaderElection.Leader;
import dev.holdfast.lock.Leadership;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.engine.Owner;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Leads until a signal comes, or tells who does. */
@Command(
        name = "elect",
        description = {
            "Stands as a candidate of election NAME, and when elected leads until a signal comes.",
            "With --watch only tells who leads, at once and whenever that changes."
        },
        footer = {
            "",
            "Candidates of 'etcdctl elect PREFIX/NAME' take part. Exit codes: 128 + signal, 64 usage, 69 etcd unavailable,",
            "75 not elected within --wait or removed from the queue, 76 leadership lost, 70 anything else."
        })
final class ElectCommand implements Callable<Integer> {

    @Mixin
    private final HelpOption help = new HelpOption();

    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private final LockingOptions locking = new LockingOptions();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Option(names = "--watch", description = "do not stand; tell who leads until a signal comes")
    private boolean watch;

    @Parameters(index = "0", paramLabel = "NAME", description = "name of the election")
    private String name = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "VALUE",
            description = "what the leader says of itself (default: host and process id)")
    private String value = "";

    @Override
    public Integer call() throws InterruptedException {
        if (watch) {
            locking.refuseWait("--watch");
            if (!value.isEmpty()) {
                throw CliException.usage(
                        "--watch does not stand, so nobody says '" + value + "'; leave out one of them");
            }
        }
        Signals signals = Signals.caught();
        LockOptions options = locking.lockOptions();
        try (Connection opened = connection.open(options, signals)) {
            LeaderElection election = opened.registry().election(name, options);
            return watch ? watch(election, signals) : lead(opened, election, signals);
        } catch (Signalled signalled) {
            return ExitCode.of(signalled.signal());
        }
    }

    private int lead(Connection opened, LeaderElection election, Signals signals)
            throws Signalled, InterruptedException {
        Owner self = Owner.local("holdfast");
        String said = value.isEmpty() ? self.host() + " " + self.pid() : value;
        // Closing the registry, which a signal leads to, ends the wait.
        Optional<Leadership> elected;
        try {
            elected = signals.await(Background.call("campaign", () -> election.campaign(said, locking.patience())));
        } catch (LockLostException removed) {
            throw CliException.placeLost(removed);
        }
        if (elected.isEmpty()) {
            throw new CliException(
                    ExitCode.NOT_ACQUIRED,
                    "another leads '" + name + "'; 'holdfast elect --watch " + name + "' tells who",
                    null);
        }
        try (Leadership leadership = elected.get()) {
            tell("elected", Optional.of(new Leader(said, leadership.fencingToken())));
            CompletableFuture<LockLoss> lost = leadership.lost().toCompletableFuture();
            LockLoss loss = signals.await(lost);
            opened.lost();
            tell("lost", Optional.of(new Leader(said, loss.fencingToken())));
            Messages.warn("leadership of '" + name + "' is lost: " + loss.detail());
            return ExitCode.LOST;
        }
    }

    private int watch(LeaderElection election, Signals signals) throws Signalled, InterruptedException {
        CompletableFuture<Void> end = new CompletableFuture<>();
        try (LeaderElection.Observation observation = election.observe(leader -> {
            tell("leader", leader);
            if (System.out.checkError()) {
                end.completeExceptionally(
                        new CliException(ExitCode.FAILURE, "standard output cannot be written", null));
            }
        })) {
            signals.await(end);
            throw new IllegalStateException("nothing else ends " + observation);
        }
    }

    private void tell(String event, Optional<Leader> leader) {
        if (output.json()) {
            JsonText.Fields fields = JsonText.fields().with("event", event).with("name", name);
            leader.ifPresent(each -> fields.with("value", each.value()).with("term", each.term()));
            System.out.println(fields);
        } else {
            System.out.println(
                    leader.map(each -> event + " " + Messages.printable(each.value()) + ", term " + each.term())
                            .orElse("no leader"));
        }
    }
}
