package dev.holdfast.lock.cli;

import dev.holdfast.lock.LockEntry;
import dev.holdfast.lock.LockInspection;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockOwner;
import dev.holdfast.lock.LockPage;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the names in use. */
@Command(
        name = "list",
        description = "Lists the names in use that start with START, with the number of their holders and waiters.")
final class ListCommand implements Callable<Integer> {

    private static final int PAGE = 1_000;

    @Mixin
    private final HelpOption help = new HelpOption();

    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Option(names = "--owners", description = "tell who holds each name too; asks etcd once more for each")
    private boolean owners;

    @Parameters(arity = "0..1", paramLabel = "START", description = "what the names start with (default: all)")
    private String start = "";

    @Override
    public Integer call() {
        try (Connection opened = connection.open(LockOptions.defaults())) {
            LockInspection inspection = opened.registry().inspection();
            List<LockPage.Usage> names = names(inspection);
            if (output.json()) {
                System.out.println(JsonText.fields()
                        .with(
                                "names",
                                names.stream()
                                        .map(each -> fields(inspection, each))
                                        .toList()));
            } else {
                System.out.print(table(inspection, names));
            }
        }
        return ExitCode.OK;
    }

    private List<LockPage.Usage> names(LockInspection inspection) {
        List<LockPage.Usage> names = new ArrayList<>();
        LockPage page = inspection.list(start, PAGE);
        names.addAll(page.names());
        while (page.truncated()) {
            page = inspection.list(start, PAGE, page.next());
            names.addAll(page.names());
        }
        return names;
    }

    private TextTable table(LockInspection inspection, List<LockPage.Usage> names) {
        TextTable table = owners
                ? new TextTable("NAME", "KIND", "HOLDERS", "WAITERS", "HELD BY")
                : new TextTable("NAME", "KIND", "HOLDERS", "WAITERS");
        for (LockPage.Usage each : names) {
            String kind = EntryView.lower(each.kind());
            boolean semaphore = each.kind() == LockEntry.Kind.SEMAPHORE;
            String holders = each.holders() + (semaphore ? " of " + each.permits() : "");
            String waiters = Integer.toString(each.waiters());
            if (owners) {
                table.row(each.name(), kind, holders, waiters, String.join("; ", holders(inspection, each)));
            } else {
                table.row(each.name(), kind, holders, waiters);
            }
        }
        return table;
    }

    private Map<String, Object> fields(LockInspection inspection, LockPage.Usage each) {
        JsonText.Fields fields = JsonText.fields()
                .with("name", each.name())
                .with("kind", EntryView.lower(each.kind()))
                .with("permits", each.permits())
                .with("holders", each.holders())
                .with("waiters", each.waiters());
        if (owners) {
            fields.with("heldBy", holders(inspection, each));
        }
        return fields.values();
    }

    private static Set<String> holders(LockInspection inspection, LockPage.Usage usage) {
        Set<String> holders = new LinkedHashSet<>();
        for (LockEntry each : inspection.queue(usage.name()).holders()) {
            LockOwner owner = each.owner();
            holders.add(
                    owner == null
                            ? "another program"
                            : owner.application() + " on " + owner.host() + ", process " + owner.pid());
        }
        return holders;
    }
}
