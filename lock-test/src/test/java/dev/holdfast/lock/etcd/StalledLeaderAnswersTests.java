package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.holdfast.lock.store.LeaseKeys;
import dev.holdfast.lock.store.StoreException;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveResponse;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a leader whose disk stalls says of a lease that others renew meanwhile, as etcd 3.5.16 said it: its own clock has ended the lease
 * (negative TTL), but the lease and its keys are there. A server of our own says it here, since etcd does so only for a moment.
 */
class StalledLeaderAnswersTests {

    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private Server server;
    private EtcdStore store;
    private volatile LeaseTimeToLiveResponse answer = LeaseTimeToLiveResponse.getDefaultInstance();

    @BeforeEach
    void start() throws Exception {
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(new LeaseGrpc.LeaseImplBase() {
                    @Override
                    public void leaseTimeToLive(
                            LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> observer) {
                        observer.onNext(answer);
                        observer.onCompleted();
                    }
                })
                .build()
                .start();
        store = TestStores.builder(List.of("http://127.0.0.1:" + server.getPort()))
                .failFast(false)
                .connect();
    }

    @AfterEach
    void stop() {
        store.close();
        server.shutdownNow();
    }

    @Test
    void aLeaseOverdueButThereHasNotEnded() {
        answer = LeaseTimeToLiveResponse.newBuilder()
                .setID(7)
                .setTTL(-9)
                .setGrantedTTL(5)
                .addKeys(ByteString.copyFromUtf8("locks/seat/7"))
                .build();

        LeaseKeys lease = store.leaseKeys(7, TIMEOUT).join();

        assertThat(lease.keys()).containsExactly("locks/seat/7");
        assertThat(lease.remaining()).isZero();
    }

    @Test
    void aLeaseNobodyKnowsHasEnded() {
        answer = LeaseTimeToLiveResponse.newBuilder().setID(7).setTTL(-1).build();

        assertThat(store.leaseKeys(7, TIMEOUT))
                .failsWithin(TIMEOUT)
                .withThrowableThat()
                .havingCause()
                .isInstanceOfSatisfying(
                        StoreException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(StoreException.Kind.LEASE_NOT_FOUND));
    }
}
