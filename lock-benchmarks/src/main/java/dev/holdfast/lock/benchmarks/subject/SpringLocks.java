package dev.holdfast.lock.benchmarks.subject;

import java.util.concurrent.locks.Lock;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.integration.jdbc.lock.DefaultLockRepository;
import org.springframework.integration.jdbc.lock.JdbcLockRegistry;
import org.springframework.integration.redis.util.RedisLockRegistry;
import org.springframework.integration.support.locks.LockRegistry;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** Spring Integration's registries as they are by default, the Redis one with a longer expiry. */
final class SpringLocks implements Subject {

    private static final long EXPIRE_AFTER_MILLIS = 60_000;

    private final LockRegistry<?> registry;
    private final Runnable closing;

    private SpringLocks(LockRegistry<?> registry, Runnable closing) {
        this.registry = registry;
        this.closing = closing;
    }

    static SpringLocks redis(String address) {
        LettuceConnectionFactory connections = Connections.redis(address);
        RedisLockRegistry registry = new RedisLockRegistry(connections, "spring", EXPIRE_AFTER_MILLIS);
        return new SpringLocks(registry, () -> {
            registry.destroy();
            connections.destroy();
        });
    }

    static SpringLocks jdbc(String address) {
        var connections = Connections.postgresql(address);
        DefaultLockRepository repository = new DefaultLockRepository(connections);
        repository.setTransactionManager(new JdbcTransactionManager(connections));
        repository.afterPropertiesSet();
        repository.afterSingletonsInstantiated();
        repository.start();
        return new SpringLocks(new JdbcLockRegistry(repository), connections::close);
    }

    @Override
    public NamedLock lock(String name) {
        return new NamedLock() {
            private final Lock lock = registry.obtain(name);

            @Override
            public void acquire() {
                lock.lock();
            }

            @Override
            public void release() {
                lock.unlock();
            }
        };
    }

    @Override
    public void close() {
        closing.run();
    }
}
