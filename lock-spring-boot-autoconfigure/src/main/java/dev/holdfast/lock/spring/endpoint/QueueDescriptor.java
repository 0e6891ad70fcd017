package dev.holdfast.lock.spring.endpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.holdfast.lock.LockEntry;
import dev.holdfast.lock.LockOwner;
import dev.holdfast.lock.LockQueue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Answer to {@code GET /actuator/locks/{name}}: entries of all processes, in the order in which they are served. Components that are null
 * are left out of the JSON.
 */
public record QueueDescriptor(String name, List<Entry> holders, List<Entry> waiters) {

    static QueueDescriptor of(LockQueue queue) {
        return new QueueDescriptor(
                queue.name(),
                queue.holders().stream().map(Entry::of).toList(),
                queue.waiters().stream().map(Entry::of).toList());
    }

    /**
     * One entry; {@link LockEntry} says more of each component.
     *
     * @param createRevision its place, and what to give to remove it
     * @param own whether it is this instance's
     * @param kind {@code exclusive}, {@code shared} or {@code semaphore}
     * @param owner null if it does not say
     * @param since when it was put, by its owner's clock, as in ISO 8601; null if it does not say
     * @param value what another program or a candidate of an election put; null if nothing
     * @param lease null if it has none
     * @param remainingMillis until it goes by itself unless it is renewed; null if that is not known
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Entry(
            long createRevision,
            boolean own,
            String kind,
            int permits,
            @Nullable LockOwner owner,
            @Nullable String since,
            Map<String, String> metadata,
            @Nullable String value,
            @Nullable String lease,
            @Nullable Long remainingMillis,
            String key) {

        static Entry of(LockEntry entry) {
            Duration remaining = entry.remaining();
            return new Entry(
                    entry.createRevision(),
                    entry.own(),
                    LocksDescriptor.text(entry.kind()),
                    entry.permits(),
                    entry.owner(),
                    entry.since() == null ? null : entry.since().toString(),
                    entry.metadata(),
                    entry.value().isEmpty() ? null : entry.value(),
                    entry.lease().isEmpty() ? null : entry.lease(),
                    remaining == null ? null : remaining.toMillis(),
                    entry.key());
        }
    }
}
