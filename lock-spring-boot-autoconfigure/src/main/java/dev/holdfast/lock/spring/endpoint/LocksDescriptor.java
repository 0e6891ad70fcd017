package dev.holdfast.lock.spring.endpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.holdfast.lock.LocalLock;
import dev.holdfast.lock.LockPage;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Answer to {@code GET /actuator/locks}. Components that are null are left out of the JSON.
 *
 * @param local what this instance holds and waits for
 * @param names in use in all processes, in the order of their keys; null if the store did not answer
 * @param next where the next page begins; null if there is none
 * @param error why the names are not known; null if they are
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LocksDescriptor(
        List<Local> local,
        @Nullable List<Name> names,
        @Nullable String next,
        @Nullable String error) {

    /**
     * A hold of this instance, or a request that waits.
     *
     * @param names more than one of a lock of several names
     * @param role {@code holder} or {@code waiter}
     * @param kind {@code exclusive}, {@code shared} or {@code semaphore}
     * @param ageMillis how long it has held, or waited
     * @param fencingToken null while it waits, and if nobody has asked for it
     * @param lease null while it waits
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Local(
            List<String> names,
            String role,
            String kind,
            int permits,
            String thread,
            long ageMillis,
            @Nullable Long fencingToken,
            @Nullable String lease) {

        static Local of(LocalLock lock) {
            return new Local(
                    lock.names(),
                    text(lock.role()),
                    text(lock.kind()),
                    lock.permits(),
                    lock.thread(),
                    lock.age().toMillis(),
                    lock.fencingToken() == 0 ? null : lock.fencingToken(),
                    lock.lease().isEmpty() ? null : lock.lease());
        }
    }

    /** How many entries of all processes hold a name and wait for it. */
    public record Name(String name, String kind, int permits, int holders, int waiters) {

        static Name of(LockPage.Usage usage) {
            return new Name(usage.name(), text(usage.kind()), usage.permits(), usage.holders(), usage.waiters());
        }
    }

    static String text(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
