package dev.holdfast.lock.spring;

import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.holdfast.lock.LeaderElection;
import dev.holdfast.lock.Leadership;
import dev.holdfast.lock.LeadershipListener;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An election with one candidate, which a test elects and revokes on its own thread. */
public final class FakeElection implements LeaderElection {

    private final String name;
    private final List<String> log;
    private String value = "";
    private @Nullable LeadershipListener listener;
    private @Nullable Leadership leadership;
    private long term;

    FakeElection(String name, List<String> log) {
        this.name = name;
        this.log = log;
    }

    public Leadership elect() {
        Leadership elected = mock(Leadership.class);
        when(elected.isHeld()).thenReturn(true);
        when(elected.value()).thenReturn(value);
        when(elected.fencingToken()).thenReturn(++term);
        leadership = elected;
        Objects.requireNonNull(listener, "nobody stands").elected(elected);
        return elected;
    }

    public void revoke(Leadership revoked) {
        if (revoked == leadership) {
            leadership = null;
        }
        when(revoked.isHeld()).thenReturn(false);
        Objects.requireNonNull(listener, "nobody stands").revoked(revoked);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Candidacy stand(String value, LeadershipListener listener) {
        log.add("stand " + name + " " + value);
        this.value = value;
        this.listener = listener;
        return new FakeCandidacy();
    }

    @Override
    public Leadership campaign(String value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Leadership> campaign(String value, Duration wait) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Optional<Leader>> leader() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Observation observe(Consumer<Optional<Leader>> observer) {
        throw new UnsupportedOperationException();
    }

    private final class FakeCandidacy implements Candidacy {

        @Override
        public boolean isLeader() {
            return leadership != null;
        }

        @Override
        public Optional<Leadership> leadership() {
            return Optional.ofNullable(leadership);
        }

        @Override
        public void resign() {
            leadership().ifPresent(FakeElection.this::revoke);
        }

        @Override
        public void close() {
            resign();
            log.add("leave " + name);
        }
    }
}
