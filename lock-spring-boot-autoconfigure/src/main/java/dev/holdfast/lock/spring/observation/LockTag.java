package dev.holdfast.lock.spring.observation;

import dev.holdfast.lock.LockOptions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The value of {@code lock} in meters and observations: {@link LockOptions#metricName()}, {@code other} where there is none, so that
 * names made of ids do not become tags; and after 500 values every new one is {@code other} too. Thread-safe.
 */
public final class LockTag {

    private static final Logger log = LoggerFactory.getLogger(LockTag.class);

    private static final int MOST_LOCKS = 500;
    private static final String OTHER = "other";

    private final String where;
    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean overflowLogged = new AtomicBoolean();

    /** @param where it is used, for people: as in "in the metrics" */
    public LockTag(String where) {
        this.where = where;
    }

    public String of(LockOptions options) {
        String name = options.metricName();
        if (name.isEmpty()) {
            return OTHER;
        }
        if (known.contains(name)) {
            return name;
        }
        if (known.size() < MOST_LOCKS) {
            known.add(name);
            return name;
        }
        if (overflowLogged.compareAndSet(false, true)) {
            log.warn(
                    "There are {} values of the tag 'lock' in the {}; '{}' and further ones are counted as 'other'. Give"
                            + " LockOptions.metricName or @DistributedLock(name) a few fixed values",
                    MOST_LOCKS,
                    where,
                    name);
        }
        return OTHER;
    }
}
