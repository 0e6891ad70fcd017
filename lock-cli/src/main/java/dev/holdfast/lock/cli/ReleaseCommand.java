package dev.holdfast.lock.cli;

import dev.holdfast.lock.LockEntry;
import dev.holdfast.lock.LockInspection;
import dev.holdfast.lock.LockOptions;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Scanner;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a lock away from its holder. */
@Command(
        name = "release",
        description = {
            "Takes the lock NAME away from its holder, whoever that is, after asking.",
            "The holder may go on for a while without knowing: better end its process, if you can."
        },
        footer = {"", "Ends with 0 if it was released, or if nobody had it; 75 if you said no."})
final class ReleaseCommand implements Callable<Integer> {

    @Mixin
    private final HelpOption help = new HelpOption();

    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Option(names = "--yes", description = "do not ask")
    private boolean yes;

    @Option(
            names = "--revision",
            paramLabel = "N",
            description =
                    "which entry, as 'holdfast show' tells; also one that waits (default: the holder, if there is one only)")
    private @Nullable Long revision;

    @Parameters(paramLabel = "NAME", description = "name of the lock")
    private String name = "";

    @Override
    public Integer call() {
        try (Connection opened = connection.open(LockOptions.defaults())) {
            LockInspection inspection = opened.registry().inspection();
            Optional<LockEntry> chosen = chosen(inspection);
            if (chosen.isEmpty()) {
                tell(Optional.empty());
                return ExitCode.OK;
            }
            if (!yes && !agreed(chosen.get())) {
                Messages.warn("nothing was released");
                return ExitCode.NOT_ACQUIRED;
            }
            tell(inspection.release(name, chosen.get().createRevision()));
            return ExitCode.OK;
        }
    }

    private Optional<LockEntry> chosen(LockInspection inspection) {
        Long given = revision;
        if (given != null) {
            long wanted = given;
            return inspection.queue(name).entries().stream()
                    .filter(each -> each.createRevision() == wanted)
                    .findFirst();
        }
        List<LockEntry> holders = inspection.queue(name).holders();
        if (holders.size() > 1) {
            throw CliException.usage("'" + name + "' has " + holders.size()
                    + " holders; say which with --revision, see 'holdfast show " + name + "'");
        }
        return holders.stream().findFirst();
    }

    private boolean agreed(LockEntry entry) {
        if (!Terminal.isStdin() || !Terminal.isStderr()) {
            throw CliException.usage("nobody can be asked, since standard " + (Terminal.isStdin() ? "error" : "input")
                    + " is no terminal; give --yes to release '" + name + "' held by " + new EntryView(entry).text());
        }
        System.err.print("Take '" + name + "' away from " + new EntryView(entry).text()
                + "? It may go on working for a while. [y/N] ");
        System.err.flush();
        Scanner answers = new Scanner(System.in, Charset.defaultCharset());
        return answers.hasNextLine()
                && List.of("y", "yes").contains(answers.nextLine().strip().toLowerCase(Locale.ROOT));
    }

    private void tell(Optional<LockEntry> released) {
        if (output.json()) {
            JsonText.Fields fields = JsonText.fields().with("name", name).with("released", released.isPresent());
            released.ifPresent(entry -> fields.with("entry", new EntryView(entry).fields()));
            System.out.println(fields);
        } else {
            System.out.println(released.map(entry -> "released: " + new EntryView(entry).text())
                    .orElse("nobody holds '" + name + "'" + (revision == null ? "" : " with revision " + revision)));
        }
    }
}
