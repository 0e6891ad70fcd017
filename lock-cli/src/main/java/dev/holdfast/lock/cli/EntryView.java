package dev.holdfast.lock.cli;

import dev.holdfast.lock.LockEntry;
import dev.holdfast.lock.LockOwner;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** A holder or a waiter, as people and programs are shown it. */
record EntryView(LockEntry entry) {

    static final String[] HEADINGS = {"ROLE", "OWNER", "HOST", "PID", "SINCE", "TTL LEFT", "REVISION", "WHAT"};

    String[] cells() {
        LockOwner owner = entry.owner();
        return new String[] {
            lower(entry.role()),
            owner == null ? "another program" : owner.application(),
            owner == null ? "" : owner.host(),
            owner == null ? "" : Long.toString(owner.pid()),
            since(),
            remaining(),
            Long.toString(entry.createRevision()),
            what()
        };
    }

    JsonText.Fields fields() {
        JsonText.Fields fields = JsonText.fields()
                .with("createRevision", entry.createRevision())
                .with("kind", lower(entry.kind()))
                .with("permits", entry.permits());
        LockOwner owner = entry.owner();
        if (owner != null) {
            fields.with(
                    "owner",
                    JsonText.fields()
                            .with("application", owner.application())
                            .with("host", owner.host())
                            .with("pid", owner.pid())
                            .with("thread", owner.thread()));
        }
        Instant since = entry.since();
        Duration remaining = entry.remaining();
        return fields.with("foreign", owner == null)
                .with("since", since == null ? null : since.toString())
                .with("metadata", entry.metadata())
                .with("value", entry.value().isEmpty() ? null : entry.value())
                .with("lease", entry.lease().isEmpty() ? null : entry.lease())
                .with("remainingMillis", remaining == null ? null : remaining.toMillis())
                .with("key", entry.key());
    }

    /** In one line, for questions and messages. */
    String text() {
        LockOwner owner = entry.owner();
        return lower(entry.role()) + " "
                + Messages.printable(
                        owner == null
                                ? "another program"
                                : owner.application() + " on " + owner.host() + ", process " + owner.pid())
                + ", revision " + entry.createRevision();
    }

    static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private String since() {
        Instant since = entry.since();
        return since == null
                ? ""
                : DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                        since.truncatedTo(ChronoUnit.SECONDS).atZone(ZoneId.systemDefault()));
    }

    private String remaining() {
        Duration remaining = entry.remaining();
        if (remaining != null) {
            return remaining.toSeconds() + "s";
        }
        return entry.lease().isEmpty() ? "no lease" : "";
    }

    private String what() {
        String label = entry.metadata().getOrDefault("label", "");
        String command = entry.metadata().getOrDefault("command", "");
        String both = label.isEmpty() || command.isEmpty() ? label + command : command + " (" + label + ")";
        return both.isEmpty() ? entry.value() : both;
    }
}
