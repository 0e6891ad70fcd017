package dev.holdfast.lock.cli;

import dev.holdfast.lock.LockEntry;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockQueue;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows who holds a name and who waits for it. */
@Command(
        name = "show",
        description =
                "Shows who holds NAME and who waits for it, in the order in which they are served, whatever program they are.")
final class ShowCommand implements Callable<Integer> {

    @Mixin
    private final HelpOption help = new HelpOption();

    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Parameters(paramLabel = "NAME", description = "name of the lock")
    private String name = "";

    @Override
    public Integer call() {
        try (Connection opened = connection.open(LockOptions.defaults())) {
            LockQueue queue = opened.registry().inspection().queue(name);
            if (output.json()) {
                System.out.println(JsonText.fields()
                        .with("name", queue.name())
                        .with("holders", views(queue.holders()))
                        .with("waiters", views(queue.waiters())));
            } else if (queue.entries().isEmpty()) {
                System.out.println("nobody holds '" + name + "' or waits for it");
            } else {
                TextTable table = new TextTable(EntryView.HEADINGS);
                queue.entries().forEach(each -> table.row(new EntryView(each).cells()));
                System.out.print(table);
            }
        }
        return ExitCode.OK;
    }

    private static List<Map<String, Object>> views(List<LockEntry> entries) {
        return entries.stream()
                .map(each -> new EntryView(each).fields().values())
                .toList();
    }
}
