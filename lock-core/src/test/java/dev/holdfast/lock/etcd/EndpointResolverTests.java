package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EndpointResolverTests {

    private final Map<String, List<String>> names = new HashMap<>();
    private final Queue<Runnable> lookups = new ArrayDeque<>();
    private final Queue<Runnable> delayed = new ArrayDeque<>();
    private final Set<String> broken = new HashSet<>();
    private final Listening listening = new Listening();

    @Test
    void everyAddressOfEveryNameIsAMember() {
        names.put("etcd.example", List.of("10.0.0.1", "10.0.0.2"));
        names.put("other.example", List.of("10.0.0.3"));
        start("http://etcd.example:2379", "http://other.example:4001");
        lookUp();
        assertThat(listening.addresses).containsExactly("10.0.0.1:2379", "10.0.0.2:2379", "10.0.0.3:4001");
    }

    @Test
    void theNameIsWhatTheCertificateMustBeFor() {
        names.put("etcd.example", List.of("10.0.0.1", "10.0.0.2"));
        start("https://etcd.example:2379");
        lookUp();
        assertThat(listening.authorities).containsOnly("etcd.example:2379");
    }

    @Test
    void aPortIsNotNeededAndAnAddressCountsOnce() {
        names.put("a.example", List.of("10.0.0.1"));
        names.put("b.example", List.of("10.0.0.1"));
        start("http://a.example", "http://b.example:2379");
        lookUp();
        assertThat(listening.addresses).containsExactly("10.0.0.1:2379");
    }

    @Test
    void anUnknownNameDoesNotHideTheOthers() {
        names.put("known.example", List.of("10.0.0.1"));
        start("http://unknown.example:2379", "http://known.example:2379");
        lookUp();
        assertThat(listening.addresses).containsExactly("10.0.0.1:2379");
    }

    @Test
    void withoutAnyAddressTheNameIsTold() {
        start("http://unknown.example:2379");
        lookUp();
        assertThat(listening.errors).singleElement().satisfies(error -> {
            assertThat(error.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(Failures.reason(error)).contains("unknown.example", "UnknownHostException");
        });
    }

    @Test
    void looksAgainWhenAskedToButNotTwiceAtOnce() {
        names.put("etcd.example", List.of("10.0.0.1"));
        NameResolver resolver = start("http://etcd.example:2379");
        resolver.refresh();
        assertThat(lookups).hasSize(1);
        lookUp();
        names.put("etcd.example", List.of("10.0.0.9"));
        resolver.refresh();
        lookUp();
        assertThat(listening.addresses).containsExactly("10.0.0.1:2379", "10.0.0.9:2379");
    }

    @Test
    void aNameThatTakesLongDoesNotHoldUpTheOthers() {
        names.put("slow.example", List.of("10.0.0.1"));
        names.put("quick.example", List.of("10.0.0.2"));
        start("http://slow.example", "http://quick.example");
        Runnable slow = lookups.remove();
        lookUp();
        assertThat(listening.addresses).isEmpty();
        runAll(delayed);
        assertThat(listening.addresses).containsExactly("10.0.0.2:2379");

        slow.run();
        assertThat(listening.addresses).containsExactly("10.0.0.2:2379", "10.0.0.1:2379", "10.0.0.2:2379");
    }

    @Test
    void aNameThatTakesLongKeepsTheAddressesItHad() {
        names.put("slow.example", List.of("10.0.0.1"));
        names.put("moving.example", List.of("10.0.0.2"));
        NameResolver resolver = start("http://slow.example", "http://moving.example");
        lookUp();
        runAll(delayed);
        listening.addresses.clear();

        names.put("moving.example", List.of("10.0.0.3"));
        resolver.refresh();
        lookups.remove(); // has not answered yet
        lookUp();
        runAll(delayed);
        assertThat(listening.addresses).containsExactly("10.0.0.1:2379", "10.0.0.3:2379");
    }

    @Test
    void whileOneNameIsLookedUpTheOthersCanBeAgain() {
        names.put("slow.example", List.of("10.0.0.1"));
        names.put("moving.example", List.of("10.0.0.2"));
        NameResolver resolver = start("http://slow.example", "http://moving.example");
        lookups.remove();
        lookUp();

        names.put("moving.example", List.of("10.0.0.3"));
        resolver.refresh();
        assertThat(lookups).hasSize(1);
        lookUp();
        runAll(delayed);
        assertThat(listening.addresses).containsExactly("10.0.0.3:2379");
    }

    @Test
    void anErrorIsToldAndTheNameLookedUpAgain() {
        names.put("etcd.example", List.of("10.0.0.1"));
        broken.add("etcd.example");
        NameResolver resolver = start("http://etcd.example");
        lookUp();
        assertThat(listening.errors)
                .singleElement()
                .satisfies(error -> assertThat(Failures.reason(error)).contains("NoClassDefFoundError"));

        broken.clear();
        resolver.refresh();
        lookUp();
        assertThat(listening.addresses).containsExactly("10.0.0.1:2379");
    }

    @Test
    void tellsNothingAfterItsEnd() {
        names.put("etcd.example", List.of("10.0.0.1"));
        NameResolver resolver = start("http://etcd.example:2379");
        resolver.shutdown();
        lookUp();
        assertThat(listening.addresses).isEmpty();
    }

    @Test
    void theTargetIsReadAsItWasWritten() {
        assertThat(Endpoints.parse(List.of("http://[::1]:2379", "http://etcd.example"))
                        .target())
                .isEqualTo("holdfast:///%5B::1%5D:2379,etcd.example");
    }

    private NameResolver start(String... members) {
        EndpointResolver resolver = new EndpointResolver(
                Stream.of(members).map(URI::create).toList(),
                this::addresses,
                lookups::add,
                delayed::add,
                new SynchronizationContext((thread, failure) -> {
                    throw new AssertionError(failure);
                }));
        resolver.start(listening);
        return resolver;
    }

    private InetAddress[] addresses(String host) throws UnknownHostException {
        if (broken.contains(host)) {
            throw new NoClassDefFoundError(host);
        }
        List<String> found = names.get(host);
        if (found == null) {
            throw new UnknownHostException(host);
        }
        List<InetAddress> addresses = new ArrayList<>();
        for (String each : found) {
            addresses.add(InetAddress.getByName(each));
        }
        return addresses.toArray(InetAddress[]::new);
    }

    private void lookUp() {
        runAll(lookups);
    }

    private static void runAll(Queue<Runnable> tasks) {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }

    private static final class Listening extends NameResolver.Listener2 {

        private final List<String> addresses = new ArrayList<>();
        private final List<String> authorities = new ArrayList<>();
        private final List<Status> errors = new ArrayList<>();

        @Override
        public void onResult(NameResolver.ResolutionResult result) {
            for (EquivalentAddressGroup group : result.getAddressesOrError().getValue()) {
                InetSocketAddress address =
                        (InetSocketAddress) group.getAddresses().get(0);
                addresses.add(address.getAddress().getHostAddress() + ":" + address.getPort());
                authorities.add(
                        String.valueOf(group.getAttributes().get(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE)));
            }
        }

        @Override
        public void onError(Status error) {
            errors.add(error);
        }
    }
}
