package dev.holdfast.lock.benchmarks.subject;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.redisson.Redisson;
import org.redisson.api.RLock;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/** Redisson's lock or fair lock, renewed by its watchdog. */
final class RedissonLocks implements Subject {

    private static final int SUBSCRIPTIONS = 1_000;

    private final RedissonClient client;
    private final BiFunction<RedissonClient, String, RLock> locks;

    private RedissonLocks(String address, BiFunction<RedissonClient, String, RLock> locks) {
        Config config = new Config();
        config.useSingleServer()
                .setAddress("redis://" + address)
                // By default 50 connections of 5 subscriptions: 5,000 waits for names of their own would run out of
                // them.
                .setSubscriptionsPerConnection(SUBSCRIPTIONS);
        client = Redisson.create(config);
        this.locks = locks;
    }

    static RedissonLocks plain(String address) {
        return new RedissonLocks(address, RedissonClient::getLock);
    }

    static RedissonLocks fair(String address) {
        return new RedissonLocks(address, RedissonClient::getFairLock);
    }

    @Override
    public NamedLock lock(String name) {
        RLock lock = locks.apply(client, name);
        return new NamedLock() {
            @Override
            public void acquire() {
                lock.lock();
            }

            @Override
            public void release() {
                lock.unlock();
            }

            @Override
            public CompletableFuture<?> acquireAsync() {
                return lock.lockAsync().toCompletableFuture();
            }
        };
    }

    @Override
    public void close() {
        client.shutdown(0, 5, TimeUnit.SECONDS);
    }
}
