package dev.holdfast.lock.faults;

import static dev.holdfast.lock.faults.Scenario.costsNothing;
import static dev.holdfast.lock.faults.Scenario.mayCostLocks;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Every fault, and where it happens. */
final class Scenarios {

    private static final Duration SHORT = Duration.ofMillis(2_500);
    private static final Duration LONG = Rig.TTL.multipliedBy(2);
    private static final Setup ONE = Setup.members(1);
    private static final Setup THREE = Setup.members(3);

    private static final Setup APART = THREE.withNetworks();

    private Scenarios() {}

    static Scenario noFault() {
        return costsNothing("nothing", ONE, new None());
    }

    static Scenario clientFrozen() {
        return mayCostLocks("client frozen for 2 TTL", ONE, new FreezeClient(LONG));
    }

    static Scenario keysDeleted() {
        return costsNothing("keys deleted by hand", ONE, new DeleteKeys(3));
    }

    static Scenario clientCutOff() {
        return mayCostLocks(
                "client cut off, both ways, for 2 TTL", ONE.withLinks(), new PauseWorkersLinks(Way.BOTH, LONG));
    }

    static Scenario leaderKilled() {
        return costsNothing("leader killed", THREE, new KillMember(Which.LEADER, SHORT));
    }

    static List<Scenario> all() {
        return Stream.concat(ofOneMember().stream(), ofThreeMembers().stream()).toList();
    }

    private static List<Scenario> ofOneMember() {
        return List.of(
                noFault(),
                costsNothing("client frozen for less than TTL/2", ONE, new FreezeClient(SHORT)),
                clientFrozen(),
                costsNothing("client killed", ONE, new KillClient()),
                keysDeleted(),
                costsNothing("leases revoked by hand", ONE, new RevokeLeases(3)),
                costsNothing("keys written over by hand", ONE, new PutWithoutLease(3)),
                costsNothing("connections reset", ONE.withLinks(), new CutLinks(6)),
                costsNothing("connections refused for 2 s", ONE.withLinks(), new RefuseLinks(Duration.ofSeconds(2))),
                mayCostLocks("connections refused for 2 TTL", ONE.withLinks(), new RefuseLinks(LONG)),
                clientCutOff(),
                mayCostLocks(
                        "client's requests held up for 2 TTL",
                        ONE.withLinks(),
                        new PauseWorkersLinks(Way.TO_SERVER, LONG)),
                mayCostLocks(
                        "answers to the client held up for 2 TTL",
                        ONE.withLinks(),
                        new PauseWorkersLinks(Way.TO_CLIENT, LONG)),
                costsNothing("etcd killed, back at once", ONE, new KillMembers(1, Duration.ofMillis(500))),
                mayCostLocks("etcd down for 2 TTL", ONE, new KillMembers(1, LONG)),
                costsNothing("compaction and defragmentation", ONE, new CompactAndDefrag(8)),
                costsNothing("no space left", ONE.withArgs(NoSpace.QUOTA), new NoSpace()),
                costsNothing("wall clock set by an hour", ONE.withFakedClock(), new StepClock()),
                costsNothing(
                        "login tokens expired",
                        ONE.withPasswords().withLinks().withArgs(ExpireTokens.TOKEN_TTL),
                        new ExpireTokens(3)),
                costsNothing(
                        "permission lost for 2 s", ONE.withPasswords(), new LosePermission(Duration.ofSeconds(2))));
    }

    private static List<Scenario> ofThreeMembers() {
        return List.of(
                leaderKilled(),
                costsNothing("each member killed in turn", THREE, new KillEachMember(SHORT)),
                costsNothing("each member frozen in turn", THREE, new FreezeEachMember(Duration.ofSeconds(3))),
                costsNothing("a follower frozen for 2 TTL", THREE, new FreezeMember(Which.FOLLOWER, LONG)),
                costsNothing("the leader frozen for 2 TTL", THREE, new FreezeMember(Which.LEADER, LONG))
                        .with(ServerFault.REVOKES_LIVE_LEASES),
                mayCostLocks("two members down for 2 TTL", THREE, new KillMembers(2, LONG)),
                mayCostLocks("all members down for 2 TTL", THREE, new KillMembers(3, LONG)),
                costsNothing(
                        "one member out of reach for 2 TTL", THREE.withLinks(), new PauseMembersLinks(Way.BOTH, LONG)),
                costsNothing(
                        "one member's answers held up for 2 TTL",
                        THREE.withLinks(),
                        new PauseMembersLinks(Way.TO_CLIENT, LONG)),
                costsNothing("leader cut off from the members", APART, new Partition(Which.LEADER, true, true, LONG))
                        .with(ServerFault.ELECTS_WITHOUT_NEED),
                costsNothing("leader deaf to the members", APART, new Partition(Which.LEADER, true, false, LONG))
                        .with(ServerFault.ELECTS_WITHOUT_NEED),
                costsNothing("leader mute to the members", APART, new Partition(Which.LEADER, false, true, LONG))
                        .with(ServerFault.ELECTS_WITHOUT_NEED),
                costsNothing("a follower cut off", APART, new Partition(Which.FOLLOWER, true, true, LONG))
                        .with(ServerFault.ELECTS_WITHOUT_NEED),
                costsNothing("a follower deaf", APART, new Partition(Which.FOLLOWER, true, false, LONG))
                        .with(ServerFault.ELECTS_WITHOUT_NEED),
                costsNothing("a follower mute", APART, new Partition(Which.FOLLOWER, false, true, LONG))
                        .with(ServerFault.ELECTS_WITHOUT_NEED),
                costsNothing("leader moved", THREE, new MoveLeader(4)),
                costsNothing("compaction and defragmentation", THREE, new CompactAndDefrag(6)),
                costsNothing("no space left", THREE.withArgs(NoSpace.QUOTA), new NoSpace()),
                costsNothing("the leader's disk stalls for 2 TTL", THREE, new StallDisk(LONG))
                        .with(ServerFault.REVOKES_LIVE_LEASES));
    }
}
