package dev.holdfast.lock.etcd;

import io.etcd.jetcd.api.LeaseGrpc;
import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.ConnectivityState;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.util.ForwardingLoadBalancerHelper;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Round robin over the members that answer. gRPC itself takes many seconds to notice a frozen member, and until then every third
 * request would wait for its timeout. A member that owes an answer for a while is passed over, except by one renewal a second: it is
 * repeated with another member soon, and shows when this one answers again. If all owe answers, they take turns.
 */
final class AnsweringMembers extends LoadBalancerProvider {

    private static final String POLICY = "holdfast_answering_members";

    private static final String RENEWAL = LeaseGrpc.getLeaseKeepAliveMethod().getFullMethodName();
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long TRY_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int MOST_PASSED_OVER = 8;
    private static final Attributes.Key<Debt> DEBT = Attributes.Key.create("holdfast-debt");

    static {
        LoadBalancerRegistry.getDefaultRegistry().register(new AnsweringMembers());
    }

    private AnsweringMembers() {}

    /** The name of the policy, which gRPC knows from now on. */
    static String policy() {
        return POLICY;
    }

    @Override
    public boolean isAvailable() {
        return true;
    }

    @Override
    public int getPriority() {
        return 5;
    }

    @Override
    public String getPolicyName() {
        return POLICY;
    }

    @Override
    public LoadBalancer newLoadBalancer(LoadBalancer.Helper helper) {
        LoadBalancerProvider roundRobin =
                Objects.requireNonNull(LoadBalancerRegistry.getDefaultRegistry().getProvider("round_robin"));
        return roundRobin.newLoadBalancer(new Members(helper));
    }

    /** Since when a member owes an answer to the first request it got after its last answer; 0: it owes none. */
    static final class Debt {

        private final AtomicLong since = new AtomicLong();
        private volatile long pickedAt = System.nanoTime();

        void asked(long now) {
            since.compareAndSet(0, now);
        }

        void answered() {
            since.set(0);
        }

        /** The request ended without an answer. One that had little time proves nothing. */
        void gaveUp(long askedAt, long now) {
            if (now - askedAt < PATIENCE_NANOS) {
                since.compareAndSet(askedAt, 0);
            }
        }

        void picked(long now) {
            pickedAt = now;
        }

        /** Overdue; of renewals, one may try now and then. */
        boolean passedOver(long now, boolean renewal) {
            long first = since.get();
            return first != 0 && now - first > PATIENCE_NANOS && !(renewal && now - pickedAt > TRY_AGAIN_NANOS);
        }

        boolean before(Debt other, long now, boolean renewal) {
            return !passedOver(now, renewal) || pickedAt - other.pickedAt < 0;
        }
    }

    private static final class Members extends ForwardingLoadBalancerHelper {

        private final LoadBalancer.Helper helper;

        private Members(LoadBalancer.Helper helper) {
            this.helper = helper;
        }

        @Override
        protected LoadBalancer.Helper delegate() {
            return helper;
        }

        @Override
        public LoadBalancer.Subchannel createSubchannel(LoadBalancer.CreateSubchannelArgs args) {
            Attributes attributes =
                    args.getAttributes().toBuilder().set(DEBT, new Debt()).build();
            return helper.createSubchannel(
                    args.toBuilder().setAttributes(attributes).build());
        }

        @Override
        public void updateBalancingState(ConnectivityState state, LoadBalancer.SubchannelPicker picker) {
            helper.updateBalancingState(state, new Picker(picker));
        }
    }

    private static final class Picker extends LoadBalancer.SubchannelPicker {

        private final LoadBalancer.SubchannelPicker roundRobin;

        private Picker(LoadBalancer.SubchannelPicker roundRobin) {
            this.roundRobin = roundRobin;
        }

        @Override
        public LoadBalancer.PickResult pickSubchannel(LoadBalancer.PickSubchannelArgs args) {
            boolean renewal = args.getMethodDescriptor().getFullMethodName().equals(RENEWAL);
            long now = System.nanoTime();
            LoadBalancer.PickResult picked = roundRobin.pickSubchannel(args);
            Debt debt = debt(picked);
            LoadBalancer.PickResult next = picked;
            Debt nextDebt = debt;
            for (int i = 0; nextDebt != null && nextDebt.passedOver(now, renewal) && i < MOST_PASSED_OVER; i++) {
                next = roundRobin.pickSubchannel(args);
                nextDebt = debt(next);
                // If all owe answers, the one asked longest ago: whatever the others pick, each gets its turn.
                if (nextDebt == null || debt == null || nextDebt.before(debt, now, renewal)) {
                    picked = next;
                    debt = nextDebt;
                }
            }
            LoadBalancer.Subchannel member = picked.getSubchannel();
            if (member == null || debt == null) {
                return picked;
            }
            debt.picked(now);
            return LoadBalancer.PickResult.withSubchannel(member, new DebtTracers(debt));
        }

        private static @Nullable Debt debt(LoadBalancer.PickResult picked) {
            LoadBalancer.Subchannel member = picked.getSubchannel();
            return member == null ? null : member.getAttributes().get(DEBT);
        }
    }

    private static final class DebtTracers extends ClientStreamTracer.Factory {

        private final Debt debt;

        private DebtTracers(Debt debt) {
            this.debt = debt;
        }

        @Override
        public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
            long askedAt = System.nanoTime();
            debt.asked(askedAt);
            return new ClientStreamTracer() {
                @Override
                public void inboundHeaders() {
                    debt.answered();
                }

                @Override
                public void inboundMessage(int number) {
                    debt.answered();
                }

                @Override
                public void inboundTrailers(Metadata trailers) {
                    debt.answered();
                }

                @Override
                public void streamClosed(Status status) {
                    debt.gaveUp(askedAt, System.nanoTime());
                }
            };
        }
    }
}
