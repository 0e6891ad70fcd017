package dev.holdfast.lock.benchmarks.subject;

import java.time.Duration;
import java.time.Instant;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import net.javacrumbs.shedlock.provider.redis.spring.RedisLockProvider;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/** ShedLock, which never waits: a name must be free. */
final class ShedLocks implements Subject {

    private static final Duration AT_MOST = Duration.ofSeconds(60);

    private final LockProvider provider;
    private final Runnable closing;

    private ShedLocks(LockProvider provider, Runnable closing) {
        this.provider = provider;
        this.closing = closing;
    }

    static ShedLocks redis(String address) {
        var connections = Connections.redis(address);
        return new ShedLocks(new RedisLockProvider(connections, "bench"), connections::destroy);
    }

    static ShedLocks jdbc(String address) {
        var connections = Connections.postgresql(address);
        return new ShedLocks(new JdbcTemplateLockProvider(new JdbcTemplate(connections)), connections::close);
    }

    @Override
    public NamedLock lock(String name) {
        return new NamedLock() {
            private @Nullable SimpleLock hold;

            @Override
            public void acquire() {
                hold = provider.lock(new LockConfiguration(Instant.now(), name, AT_MOST, Duration.ZERO))
                        .orElseThrow(() -> new IllegalStateException(name + " is not free"));
            }

            @Override
            public void release() {
                SimpleLock held = hold;
                if (held == null) {
                    throw new IllegalStateException("Not acquired");
                }
                held.unlock();
            }
        };
    }

    @Override
    public void close() {
        closing.run();
    }
}
