package dev.holdfast.lock.etcd;

import dev.holdfast.lock.store.KeyChange;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.StoreException.Kind;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.WatchCancelRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All watches of one connection, on one gRPC stream that is opened when first needed. Thread-safe.
 *
 * <p>Everything, calls to watchers included, happens inside one {@link SynchronizationContext}: one thing at a time, in order, and
 * without a lock, so a watcher may come back in from where it is called.
 */
final class Watches {

    /** Fetches fresh credentials; the source of what is known about their age. */
    interface Refresh {

        CompletableFuture<Void> start();

        /** {@link System#nanoTime()} of the end of the last successful refresh; long ago if there was none. */
        long last();
    }

    private static final Logger log = LoggerFactory.getLogger(Watches.class);

    /** Without it a member cut off from the others says nothing for ever. */
    private static final Metadata.Key<String> REQUIRE_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    /** A stream opened this soon after a refresh carries the fresh token, ... */
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** ... which is not worth distrusting until the stream is this old. */
    private static final long TRUSTED_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final SynchronizationContext context = new SynchronizationContext(
            (thread, failure) -> log.error("Handling a watch failed; this is a bug in Holdfast", failure));
    private final Connection connection;
    private final Keyspace keyspace;
    private final Refresh refresh;

    // The following are touched inside the context only.
    private final List<Stream> givenUp = new ArrayList<>();
    private @Nullable Stream stream;
    private @Nullable StoreException closed;

    Watches(Connection connection, Keyspace keyspace, Refresh refresh) {
        this.connection = connection;
        this.keyspace = keyspace;
        this.refresh = refresh;
    }

    LockStore.Watch open(KeyRange range, LockStore.Watcher watcher) {
        Entry entry = new Entry(range, watcher);
        context.execute(() -> {
            if (closed != null) {
                entry.broken(closed);
                return;
            }
            if (stream == null) {
                stream = new Stream();
                stream.start();
            }
            stream.create(entry);
        });
        return entry;
    }

    /** How many watches it keeps, on streams old and new. */
    CompletableFuture<Integer> size() {
        CompletableFuture<Integer> size = new CompletableFuture<>();
        context.execute(() -> size.complete((stream == null ? 0 : stream.size())
                + givenUp.stream().mapToInt(Stream::size).sum()));
        return size;
    }

    /** Breaks every watch, and each later one at once. */
    void close(StoreException cause) {
        context.execute(() -> {
            if (closed != null) {
                return;
            }
            closed = cause;
            if (stream != null) {
                stream.end(cause);
            }
            List.copyOf(givenUp).forEach(each -> each.end(cause));
        });
    }

    /** One gRPC stream. Its calls run inside the context, except those gRPC makes, which enter it first. */
    private final class Stream extends ClientCall.Listener<WatchResponse> {

        private final ClientCall<WatchRequest, WatchResponse> call = connection.watchCall();
        private final long openedAt = System.nanoTime();
        private final boolean openedFresh = openedAt - refresh.last() < FRESH_NANOS;
        // etcd answers create requests in their order; this version of the protocol has nothing else to match them by.
        private final Queue<Entry> requested = new ArrayDeque<>();
        private final Map<Long, Entry> running = new HashMap<>();
        private final Map<Entry, StoreException> refused = new LinkedHashMap<>();
        private boolean ended;

        void start() {
            Metadata headers = new Metadata();
            headers.put(REQUIRE_LEADER, "true");
            call.start(this, headers);
            call.request(1);
        }

        void create(Entry entry) {
            if (entry.closed) {
                return;
            }
            entry.stream = this;
            requested.add(entry);
            // Start revision 0 is "from now"; a past one would be served from a slow loop.
            send(WatchRequest.newBuilder()
                    .setCreateRequest(WatchCreateRequest.newBuilder()
                            .setKey(keyspace.start(entry.range))
                            .setRangeEnd(keyspace.end(entry.range)))
                    .build());
        }

        int size() {
            return requested.size() + running.size() + refused.size();
        }

        void cancel(long id) {
            running.remove(id);
            if (!ended) {
                send(WatchRequest.newBuilder()
                        .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id))
                        .build());
            }
        }

        private void send(WatchRequest request) {
            try {
                call.sendMessage(request);
            } catch (RuntimeException broken) {
                end(new StoreException(Kind.UNAVAILABLE, "The watch stream is broken: " + broken, broken));
            }
        }

        @Override
        public void onMessage(WatchResponse response) {
            context.execute(() -> {
                if (!ended) {
                    connection.answered();
                    receive(response);
                    call.request(1);
                }
            });
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            context.execute(() -> {
                if (!ended) {
                    connection.ended(status);
                    end(
                            status.isOk()
                                    ? new StoreException(Kind.UNAVAILABLE, "etcd ended the watch stream", null)
                                    : Failures.of(status, "The watch stream ended"));
                }
            });
        }

        private void receive(WatchResponse response) {
            if (response.getCreated()) {
                Entry entry = requested.poll();
                if (entry == null) {
                    end(new StoreException(Kind.UNAVAILABLE, "etcd confirmed a watch nobody asked for", null));
                } else if (response.getCanceled()) {
                    refused(entry, Failures.ofCancelledWatch(response.getCancelReason()));
                } else if (entry.closed) {
                    // Closed before it came into being: the server must not keep it.
                    cancel(response.getWatchId());
                } else {
                    entry.id = response.getWatchId();
                    running.put(entry.id, entry);
                    entry.tell(entry.watcher::ready);
                }
            } else if (response.getCanceled()) {
                Entry entry = running.remove(response.getWatchId());
                if (entry != null) {
                    entry.broken(Failures.ofCancelledWatch(response.getCancelReason()));
                }
            }
            Entry told = running.get(response.getWatchId());
            if (told != null) {
                // etcd sends all changes of one revision in one message, unless asked for fragments.
                for (KeyChange change : KeyChange.together(changes(response))) {
                    told.tell(() -> told.watcher.changed(change));
                }
            }
        }

        private List<KeyChange> changes(WatchResponse response) {
            return response.getEventsList().stream()
                    .map(event -> new KeyChange(
                            keyspace.text(event.getKv().getKey()),
                            event.getType() == Event.EventType.DELETE,
                            event.getKv().getModRevision()))
                    .toList();
        }

        /**
         * A stream keeps the token it was opened with, and etcd answers "permission denied" when that has expired. So unless the token
         * is known to be fresh, the stream is given up, and the watches are told when fresh credentials are there.
         */
        private void refused(Entry entry, StoreException cause) {
            boolean credentials = cause.kind() == Kind.PERMISSION_DENIED || cause.kind() == Kind.UNAUTHENTICATED;
            boolean trusted = openedFresh && System.nanoTime() - openedAt < TRUSTED_NANOS;
            if (!credentials || trusted) {
                entry.broken(cause);
                return;
            }
            // Told only with the others: who watches again before the refresh would be refused again.
            refused.put(entry, cause);
            if (stream == this) {
                stream = null;
                givenUp.add(this);
                refresh.start()
                        .whenComplete((done, failure) -> context.execute(() -> end(new StoreException(
                                Kind.UNAVAILABLE,
                                "The watch stream was given up for one with fresh credentials",
                                cause))));
            }
        }

        /** Ends the stream and breaks what runs on it, once. */
        void end(StoreException cause) {
            if (ended) {
                return;
            }
            ended = true;
            givenUp.remove(this);
            if (stream == this) {
                stream = null;
            }
            List<Entry> entries = new ArrayList<>(requested);
            entries.addAll(running.values());
            requested.clear();
            running.clear();
            call.cancel("watch stream no longer used", null);
            refused.forEach(Entry::broken);
            refused.clear();
            entries.forEach(entry -> entry.broken(cause));
        }
    }

    private final class Entry implements LockStore.Watch {

        private final KeyRange range;
        private final LockStore.Watcher watcher;
        private volatile boolean closed;

        // Inside the context only.
        private @Nullable Stream stream;
        private long id = -1;

        Entry(KeyRange range, LockStore.Watcher watcher) {
            this.range = range;
            this.watcher = watcher;
        }

        @Override
        public void close() {
            closed = true;
            context.execute(() -> {
                Stream on = stream;
                if (on != null && on.running.get(id) == this) {
                    on.cancel(id);
                }
            });
        }

        void broken(StoreException cause) {
            tell(() -> watcher.broken(cause));
            closed = true;
        }

        /** What a watcher throws must not hurt the others. */
        void tell(Runnable news) {
            if (closed) {
                return;
            }
            try {
                news.run();
            } catch (RuntimeException | Error failure) {
                log.error("A watcher of {} failed; this is a bug in Holdfast", range, failure);
            }
        }
    }
}
