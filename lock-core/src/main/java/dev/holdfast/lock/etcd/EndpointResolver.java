package dev.holdfast.lock.etcd;

import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.SynchronizationContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks up where the members are: every address of every name, each taken for a member of its own, and again whenever a connection
 * was lost. jetcd's own takes one address of each name, and holds up the request that needs it.
 */
final class EndpointResolver extends NameResolver {

    /** As {@link InetAddress#getAllByName}. */
    interface Lookup {

        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    private static final Logger log = LoggerFactory.getLogger(EndpointResolver.class);

    private static final String SCHEME = "holdfast";
    private static final int CLIENT_PORT = 2379;

    static {
        NameResolverRegistry.getDefaultRegistry().register(new Provider());
    }

    private final List<URI> members;
    private final Lookup lookup;
    private final Executor thread;
    private final SynchronizationContext context;

    // The following are touched inside the context only.
    private @Nullable Listener2 listener;
    private boolean resolving;
    private boolean ended;

    EndpointResolver(List<URI> members, Lookup lookup, Executor thread, SynchronizationContext context) {
        this.members = List.copyOf(members);
        this.lookup = lookup;
        this.thread = thread;
        this.context = context;
    }

    /** For gRPC, which knows the scheme from now on. */
    static String target(List<URI> members) {
        return members.stream()
                .map(uri -> uri.getRawAuthority().replace("[", "%5B").replace("]", "%5D"))
                .distinct()
                .collect(Collectors.joining(",", SCHEME + ":///", ""));
    }

    private static List<URI> members(URI target) {
        return Stream.of(target.getPath().substring(1).split(","))
                .map(authority -> URI.create("etcd://" + authority))
                .toList();
    }

    @Override
    public String getServiceAuthority() {
        return members.get(0).getRawAuthority();
    }

    @Override
    public void start(Listener2 listener) {
        this.listener = listener;
        resolve();
    }

    @Override
    public void refresh() {
        resolve();
    }

    @Override
    public void shutdown() {
        ended = true;
    }

    private void resolve() {
        Listener2 told = listener;
        if (told == null || resolving || ended) {
            return;
        }
        resolving = true;
        thread.execute(() -> {
            StatusOr<List<EquivalentAddressGroup>> found = find();
            context.execute(() -> {
                resolving = false;
                if (!ended) {
                    tell(told, found);
                }
            });
        });
    }

    private static void tell(Listener2 listener, StatusOr<List<EquivalentAddressGroup>> found) {
        if (found.hasValue()) {
            listener.onResult(
                    ResolutionResult.newBuilder().setAddressesOrError(found).build());
        } else {
            listener.onError(found.getStatus());
        }
    }

    private StatusOr<List<EquivalentAddressGroup>> find() {
        Map<SocketAddress, EquivalentAddressGroup> found = new LinkedHashMap<>();
        List<String> unknown = new ArrayList<>();
        Exception cause = null;
        for (URI member : members) {
            try {
                for (InetAddress address : lookup.addresses(member.getHost())) {
                    int port = member.getPort() < 0 ? CLIENT_PORT : member.getPort();
                    SocketAddress socket = new InetSocketAddress(address, port);
                    found.putIfAbsent(socket, new EquivalentAddressGroup(socket, named(member)));
                }
            } catch (UnknownHostException | RuntimeException failed) {
                unknown.add(member.getHost());
                cause = failed;
            }
        }
        if (found.isEmpty()) {
            return StatusOr.fromStatus(Status.UNAVAILABLE
                    .withDescription("No address of " + unknown)
                    .withCause(cause));
        }
        if (cause != null) {
            log.debug("No address of {}; going on with {}", unknown, found.keySet(), cause);
        }
        return StatusOr.fromValue(List.copyOf(found.values()));
    }

    /** The certificate is for the name, not for the address. */
    private static Attributes named(URI member) {
        return Attributes.newBuilder()
                .set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, member.getRawAuthority())
                .build();
    }

    private static final class Provider extends NameResolverProvider {

        @Override
        protected boolean isAvailable() {
            return true;
        }

        @Override
        protected int priority() {
            return 5;
        }

        @Override
        public String getDefaultScheme() {
            return SCHEME;
        }

        @Override
        public @Nullable NameResolver newNameResolver(URI target, Args args) {
            return SCHEME.equals(target.getScheme())
                    ? new EndpointResolver(
                            members(target),
                            InetAddress::getAllByName,
                            args.getOffloadExecutor(),
                            args.getSynchronizationContext())
                    : null;
        }
    }
}
