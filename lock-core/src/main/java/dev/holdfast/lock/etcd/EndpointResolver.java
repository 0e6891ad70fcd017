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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks up where the members are: every address of every name, each taken for a member of its own, and again whenever a connection
 * was lost. A name that takes long holds up no other. jetcd's own takes one address of each name, and holds up the request that needs it.
 */
final class EndpointResolver extends NameResolver {

    /** As {@link InetAddress#getAllByName}. */
    interface Lookup {

        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    private static final Logger log = LoggerFactory.getLogger(EndpointResolver.class);

    private static final String SCHEME = "holdfast";
    private static final int CLIENT_PORT = 2379;
    private static final long GATHERING_MILLIS = 200;

    static {
        NameResolverRegistry.getDefaultRegistry().register(new Provider());
    }

    private final List<Member> members;
    private final Lookup lookup;
    private final Executor threads;
    private final Executor later;
    private final SynchronizationContext context;

    // The following, and what a member knows, are touched inside the context only.
    private @Nullable Listener2 listener;
    private boolean gathering;
    private boolean ended;

    /**
     * @param threads looks up all names at the same time
     * @param later runs a task, inside the context, when the names that are known should no longer wait for the others
     */
    EndpointResolver(
            List<URI> members, Lookup lookup, Executor threads, Executor later, SynchronizationContext context) {
        this.members = members.stream().map(Member::new).toList();
        this.lookup = lookup;
        this.threads = threads;
        this.later = later;
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
        return members.get(0).uri.getRawAuthority();
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
        List<Member> unasked = members.stream().filter(member -> !member.asked).toList();
        if (listener == null || ended || unasked.isEmpty()) {
            return;
        }
        gathering = true;
        later.execute(this::gathered);
        for (Member member : unasked) {
            threads.execute(() -> {
                Found found = find(member.uri);
                context.execute(() -> answered(member, found));
            });
            // Still before the answer, which the context takes in after this.
            member.asked = true;
        }
    }

    /** An error too is an answer: without one the name would count as asked for ever. */
    private Found find(URI member) {
        try {
            return new Found(List.of(lookup.addresses(member.getHost())), null);
        } catch (UnknownHostException | RuntimeException | Error failure) {
            log.debug("No address of {}", member.getHost(), failure);
            return new Found(List.of(), failure);
        }
    }

    private void answered(Member member, Found found) {
        member.asked = false;
        member.found = found;
        if (!gathering || allAnswered()) {
            gathering = false;
            tell();
        }
    }

    /** A name that takes longer keeps the addresses it had; its own answer is told when it comes. */
    private void gathered() {
        if (gathering) {
            gathering = false;
            tell();
        }
    }

    private boolean allAnswered() {
        return members.stream().noneMatch(member -> member.asked);
    }

    private void tell() {
        Listener2 told = listener;
        if (told == null || ended) {
            return;
        }
        List<EquivalentAddressGroup> known = known();
        if (!known.isEmpty()) {
            told.onResult(ResolutionResult.newBuilder()
                    .setAddressesOrError(StatusOr.fromValue(known))
                    .build());
        } else if (allAnswered()) {
            told.onError(Status.UNAVAILABLE
                    .withDescription("No address of "
                            + members.stream()
                                    .map(member -> member.uri.getHost())
                                    .toList())
                    .withCause(members.get(members.size() - 1).found.failure()));
        }
    }

    private List<EquivalentAddressGroup> known() {
        Map<SocketAddress, EquivalentAddressGroup> known = new LinkedHashMap<>();
        for (Member member : members) {
            for (InetAddress address : member.found.addresses()) {
                SocketAddress socket = new InetSocketAddress(address, member.port());
                known.putIfAbsent(socket, new EquivalentAddressGroup(socket, named(member.uri)));
            }
        }
        return List.copyOf(known.values());
    }

    /** The certificate is for the name, not for the address. */
    private static Attributes named(URI member) {
        return Attributes.newBuilder()
                .set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, member.getRawAuthority())
                .build();
    }

    /** What a look-up found last; both are empty before the first. */
    private record Found(
            List<InetAddress> addresses, @Nullable Throwable failure) {}

    private static final class Member {

        private final URI uri;
        private boolean asked;
        private Found found = new Found(List.of(), null);

        Member(URI uri) {
            this.uri = uri;
        }

        int port() {
            return uri.getPort() < 0 ? CLIENT_PORT : uri.getPort();
        }
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
                            // Not on the offload executor: gRPC makes it anew for what comes after the channel's end,
                            // and
                            // never gives it back.
                            task -> args.getSynchronizationContext()
                                    .schedule(
                                            task,
                                            GATHERING_MILLIS,
                                            TimeUnit.MILLISECONDS,
                                            args.getScheduledExecutorService()),
                            args.getSynchronizationContext())
                    : null;
        }
    }
}
