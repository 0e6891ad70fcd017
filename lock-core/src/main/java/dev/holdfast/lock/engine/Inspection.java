package dev.holdfast.lock.engine;

import dev.holdfast.lock.LocalLock;
import dev.holdfast.lock.LockEntry;
import dev.holdfast.lock.LockInspection;
import dev.holdfast.lock.LockOwner;
import dev.holdfast.lock.LockPage;
import dev.holdfast.lock.LockQueue;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.store.Compare;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the queues in the store from outside, as any process could; has no part in the locks. No state. */
final class Inspection implements LockInspection {

    private static final Logger log = LoggerFactory.getLogger(Inspection.class);

    private final LockEngine engine;
    private final EngineContext context;
    private final Inquiry inquiry;

    Inspection(LockEngine engine, EngineContext context) {
        this.engine = engine;
        this.context = context;
        this.inquiry = new Inquiry(context);
    }

    @Override
    public LockPage list(String start, int limit, String from) {
        if (limit < 1 || limit > MAX_NAMES) {
            throw new IllegalArgumentException(
                    "limit is " + limit + "; give 1 to " + MAX_NAMES + ", and ask for the next page");
        }
        String prefix = context.keys().startOf(LockKeys.checkedStart(start));
        if (!from.isEmpty() && !LockKeys.checkedStart(from).startsWith(prefix)) {
            throw new IllegalArgumentException(
                    "from is '" + from + "', which is not where a list of the names that start with '" + start
                            + "' goes on; give what the page before calls next");
        }
        return ask("", "Which locks are in use is not known", () -> {
            UsedNames names = new UsedNames(context.keys(), limit);
            KeyPages pages = new KeyPages(inquiry, prefix, from.isEmpty() ? prefix : from);
            while (!pages.over()) {
                for (KeyValue key : pages.next()) {
                    if (!names.add(key)) {
                        return new LockPage(names.counted(), key.key());
                    }
                }
            }
            return new LockPage(names.counted(), "");
        });
    }

    @Override
    public LockQueue queue(String name) {
        context.keys().checked(name);
        return ask(name, "Who holds lock '" + name + "' is not known", () -> {
            List<KeyValue> oldestFirst = read(name);
            return new LockQueue(name, told(oldestFirst, inquiry.remaining(leases(oldestFirst))));
        });
    }

    @Override
    public Optional<LockEntry> release(String name, long createRevision) {
        context.keys().checked(name);
        String nothing = "Nothing was removed from lock '" + name + "'";
        Optional<LockEntry> found = ask(
                name,
                nothing,
                () -> told(read(name), Map.of()).stream()
                        .filter(entry -> entry.createRevision() == createRevision)
                        .findFirst());
        if (found.isEmpty()) {
            return found;
        }
        String doubt = "Whether " + text(found.get()) + " was removed from lock '" + name + "' is not known";
        return ask(name, nothing, doubt, () -> remove(name, found.get())) ? found : Optional.empty();
    }

    private boolean remove(String name, LockEntry entry) {
        boolean removed = inquiry.txn(new Txn(
                        List.of(Compare.createdAt(entry.key(), entry.createRevision())),
                        List.of(new Op.Delete(KeyRange.single(entry.key()))),
                        List.of()))
                .succeeded();
        if (removed) {
            log.warn(
                    "Lock '{}': {} was removed by force ({}, since {}, create revision {})",
                    name,
                    text(entry),
                    entry.role() == LockEntry.Role.HOLDER ? "holder" : "waiter",
                    entry.since() == null ? "unknown" : entry.since(),
                    entry.createRevision());
            engine.sessions().removed(entry.key());
        }
        return removed;
    }

    @Override
    public List<LocalLock> local() {
        return engine.local(context.options().requestTimeout()).stream()
                .sorted(Comparator.comparing((LocalLock lock) -> String.join(", ", lock.names()))
                        .thenComparing(LocalLock::role)
                        .thenComparing(LocalLock::age, Comparator.reverseOrder()))
                .toList();
    }

    /** The entries of the name, the oldest first. */
    private List<KeyValue> read(String name) {
        String directory = context.keys().entries(name).key();
        List<KeyValue> entries = new ArrayList<>();
        KeyPages pages = new KeyPages(inquiry, directory, directory);
        while (!pages.over()) {
            pages.next().stream()
                    .filter(key -> context.keys().competes(name, key.key()))
                    .forEach(entries::add);
        }
        entries.sort(Comparator.comparingLong(KeyValue::createRevision));
        return entries;
    }

    private static Set<Long> leases(List<KeyValue> entries) {
        return entries.stream()
                .map(KeyValue::leaseId)
                .filter(lease -> lease != 0)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private List<LockEntry> told(List<KeyValue> oldestFirst, Map<Long, Duration> remaining) {
        QueueOrder order = new QueueOrder();
        Set<String> ownLeases = engine.sessions().leases();
        List<LockEntry> told = new ArrayList<>();
        for (KeyValue key : oldestFirst) {
            Kind kind = Kind.of(key.value());
            EntryValue.@Nullable Said said = EntryValue.read(key.value());
            told.add(new LockEntry(
                    key.key(),
                    order.holds(kind) ? LockEntry.Role.HOLDER : LockEntry.Role.WAITER,
                    kind.told(),
                    kind.permits(),
                    said == null ? null : said.owner(),
                    said == null ? null : said.since(),
                    said == null ? Map.of() : said.metadata(),
                    said == null ? key.value() : "",
                    key.createRevision(),
                    key.leaseId() == 0 ? "" : Long.toHexString(key.leaseId()),
                    remaining.get(key.leaseId()),
                    // By its key: one that is kept for its holdAtLeast hangs on another lease.
                    ownLeases.contains(LockKeys.leaseOf(key.key()))));
        }
        return told;
    }

    private static String text(LockEntry entry) {
        LockOwner owner = entry.owner();
        return owner == null
                ? "the entry of another program (key " + entry.key() + ")"
                : "the entry of " + new Owner(owner.application(), owner.host(), owner.pid()).text() + ", thread "
                        + owner.thread();
    }

    private <T> T ask(String name, String trouble, Supplier<T> question) {
        return ask(name, trouble, trouble, question);
    }

    private <T> T ask(String name, String refused, String doubt, Supplier<T> question) {
        if (engine.closed()) {
            throw new IllegalStateException("The locks cannot be inspected: the registry is closed");
        }
        try {
            return question.get();
        } catch (StoreException failure) {
            String trouble = failure.kind().definite() ? refused : doubt;
            throw new LockUnavailableException(
                    name, trouble + ": " + failure.getMessage() + ". " + remedy(failure), failure);
        }
    }

    private String remedy(StoreException failure) {
        return failure.kind() == StoreException.Kind.PERMISSION_DENIED
                ? "Grant the user access to the key prefix '" + context.keys().prefix()
                        + "', for a removal also to write"
                : "Check that etcd is up and reachable, then try again";
    }
}
