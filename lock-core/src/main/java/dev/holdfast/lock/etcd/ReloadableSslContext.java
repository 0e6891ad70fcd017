package dev.holdfast.lock.etcd;

import io.netty.handler.ssl.SslContext;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The certificates of lock registries, to be replaced while they run. Each registry connects anew with them, and gives its old connection
 * up when etcd has answered on the new one; holds, waits and sessions go on. If etcd does not take them, the old connection stays, which
 * is logged once, and they are tried again at growing intervals of up to a minute. Thread-safe.
 */
public final class ReloadableSslContext {

    private final Set<Consumer<SslContext>> users = ConcurrentHashMap.newKeySet();
    private volatile SslContext current;

    /** @param initial made with {@code io.grpc.netty.GrpcSslContexts.forClient()} */
    public ReloadableSslContext(SslContext initial) {
        this.current = initial;
    }

    /** Has every registry that was built with this connect anew. Returns at once. */
    public void reload(SslContext fresh) {
        current = fresh;
        // Of two at once, both bring the later one.
        users.forEach(user -> user.accept(current));
    }

    SslContext current() {
        return current;
    }

    /** Tells of each later one, on the thread that reloads, which must not be held up. */
    void attach(Consumer<SslContext> user) {
        users.add(user);
    }

    void detach(Consumer<SslContext> user) {
        users.remove(user);
    }
}
