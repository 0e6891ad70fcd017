package dev.holdfast.lock.benchmarks.subject;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.retry.ExponentialBackoffRetry;

/** Curator's mutex on one ZooKeeper session. */
final class CuratorLocks implements Subject {

    private final CuratorFramework client;

    CuratorLocks(String address) {
        client = CuratorFrameworkFactory.newClient(address, new ExponentialBackoffRetry(100, 3));
        client.start();
    }

    @Override
    public NamedLock lock(String name) {
        InterProcessMutex mutex = new InterProcessMutex(client, "/locks/" + name);
        return new NamedLock() {
            @Override
            public void acquire() throws Exception {
                mutex.acquire();
            }

            @Override
            public void release() throws Exception {
                mutex.release();
            }
        };
    }

    @Override
    public void close() {
        client.close();
    }
}
