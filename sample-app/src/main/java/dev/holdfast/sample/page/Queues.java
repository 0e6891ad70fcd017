package dev.holdfast.sample.page;

import dev.holdfast.lock.LocalLock;
import dev.holdfast.lock.LockEntry;
import dev.holdfast.lock.LockInspection;
import dev.holdfast.lock.LockOwner;
import dev.holdfast.lock.LockPage;
import dev.holdfast.lock.LockQueue;
import dev.holdfast.lock.LockRegistry;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Who holds and who waits, from where the endpoint {@code locks} has it. */
@Component
class Queues {

    /** Each is a request to etcd. */
    private static final int NAMES = 20;

    private final LockInspection inspection;

    Queues(LockRegistry locks) {
        this.inspection = locks.inspection();
    }

    /** @throws dev.holdfast.lock.LockUnavailableException if the store does not answer */
    List<Picture.QueueView> look(List<Picture.Seen> instances, Tokens tokens) {
        return inspection.list("", NAMES).names().stream()
                .map(LockPage.Usage::name)
                .map(inspection::queue)
                .filter(queue -> !queue.entries().isEmpty())
                .map(queue -> view(queue, instances, tokens))
                .toList();
    }

    private Picture.QueueView view(LockQueue queue, List<Picture.Seen> instances, Tokens tokens) {
        String kind = queue.entries().get(0).kind().name().toLowerCase(Locale.ROOT);
        return new Picture.QueueView(
                queue.name(),
                kind,
                queue.holders().stream()
                        .map(entry -> view(queue.name(), entry, instances, tokens))
                        .toList(),
                queue.waiters().stream()
                        .map(entry -> view(queue.name(), entry, instances, tokens))
                        .toList());
    }

    private Picture.EntryView view(String name, LockEntry entry, List<Picture.Seen> instances, Tokens tokens) {
        LockOwner owner = entry.owner();
        String instance = owner == null ? null : nameOf(owner, instances);
        return new Picture.EntryView(
                instance,
                owner == null
                        ? "another program"
                        : owner.application() + " on " + owner.host() + ", process " + owner.pid(),
                entry.since(),
                entry.createRevision(),
                entry.role() == LockEntry.Role.HOLDER ? token(name, entry, instance, tokens) : null,
                entry.remaining() == null ? null : entry.remaining().toMillis());
    }

    private @Nullable Long token(String name, LockEntry entry, @Nullable String instance, Tokens tokens) {
        if (entry.own()) {
            for (LocalLock local : inspection.local()) {
                if (local.role() == LockEntry.Role.HOLDER && local.names().contains(name) && local.fencingToken() > 0) {
                    return local.fencingToken();
                }
            }
        }
        return tokens.find(name, instance, entry.createRevision());
    }

    private static @Nullable String nameOf(LockOwner owner, List<Picture.Seen> instances) {
        return instances.stream()
                .filter(seen -> seen.pid() == owner.pid() && seen.host().equals(owner.host()))
                .map(Picture.Seen::name)
                .findFirst()
                .orElse(null);
    }
}
