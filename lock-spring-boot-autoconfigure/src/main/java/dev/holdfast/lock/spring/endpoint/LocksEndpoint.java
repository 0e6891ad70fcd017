package dev.holdfast.lock.spring.endpoint;

import dev.holdfast.lock.LockInspection;
import dev.holdfast.lock.LockPage;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.Selector.Match;

/**
 * Who holds and who waits: in this instance, and in the store by name. Removes entries by force, but only where the access is unrestricted,
 * as by {@code management.endpoint.locks.access}; by default it reads. Thread-safe; each request blocks as {@link LockInspection} does and
 * fails with {@link LockUnavailableException} when the store does not answer.
 */
@Endpoint(id = "locks", defaultAccess = Access.READ_ONLY)
public final class LocksEndpoint {

    private static final int DEFAULT_LIMIT = 1_000;

    private final LockRegistry registry;

    public LocksEndpoint(LockRegistry registry) {
        this.registry = registry;
    }

    /**
     * What this instance holds and waits for, and the names in use in all processes. Without an answer of the store it tells the first,
     * and why there is no second.
     *
     * @param prefix what the names start with; default: all
     * @param limit greatest number of names; default 1,000
     * @param from {@code next} of the page before
     */
    @ReadOperation
    public LocksDescriptor locks(@Nullable String prefix, @Nullable Integer limit, @Nullable String from) {
        LockInspection inspection = registry.inspection();
        List<LocksDescriptor.Local> local =
                inspection.local().stream().map(LocksDescriptor.Local::of).toList();
        try {
            LockPage page = checked(() -> inspection.list(
                    Objects.requireNonNullElse(prefix, ""),
                    Objects.requireNonNullElse(limit, DEFAULT_LIMIT),
                    Objects.requireNonNullElse(from, "")));
            return new LocksDescriptor(
                    local,
                    page.names().stream().map(LocksDescriptor.Name::of).toList(),
                    page.truncated() ? page.next() : null,
                    null);
        } catch (LockUnavailableException failure) {
            return new LocksDescriptor(local, null, null, failure.getMessage());
        }
    }

    /** All who hold or wait for one name; its slashes may be written as they are. */
    @ReadOperation
    public QueueDescriptor queue(@Selector(match = Match.ALL_REMAINING) String... name) {
        return QueueDescriptor.of(checked(() -> registry.inspection().queue(name(name))));
    }

    /**
     * Removes one entry of a name, whoever's it is; see {@link LockInspection#release} for what that means.
     *
     * @param createRevision of the entry, as {@link #queue} shows it
     */
    @DeleteOperation
    public RemovalDescriptor release(@Selector(match = Match.ALL_REMAINING) String[] name, long createRevision) {
        Optional<QueueDescriptor.Entry> removed = checked(
                        () -> registry.inspection().release(name(name), createRevision))
                .map(QueueDescriptor.Entry::of);
        return new RemovalDescriptor(removed.isPresent(), removed.orElse(null));
    }

    private static String name(String... parts) {
        return String.join("/", parts);
    }

    private static <T> T checked(Supplier<T> question) {
        try {
            return question.get();
        } catch (IllegalArgumentException wrong) {
            String message = String.valueOf(wrong.getMessage());
            throw new InvalidEndpointRequestException(message, message, wrong);
        }
    }
}
