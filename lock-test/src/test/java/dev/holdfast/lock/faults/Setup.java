package dev.holdfast.lock.faults;

import java.util.List;

/**
 * What a scenario needs around the locks.
 *
 * @param members of etcd, 1 or 3
 * @param etcdArgs more arguments of each
 * @param links whether each worker reaches each member through a link of its own
 * @param networks whether each member lives in a network of its own
 * @param passwords whether etcd asks for users and passwords
 * @param fakedClock whether the workers' wall clock can be set
 * @param careless whether the users of the first worker take no notice of losses
 * @param crew who uses the locks
 */
record Setup(
        int members,
        List<String> etcdArgs,
        boolean links,
        boolean networks,
        boolean passwords,
        boolean fakedClock,
        boolean careless,
        Crew crew) {

    static Setup members(int members) {
        return new Setup(members, List.of(), false, false, false, false, false, Crew.MIXED);
    }

    Setup withArgs(String... args) {
        return new Setup(members, List.of(args), links, networks, passwords, fakedClock, careless, crew);
    }

    Setup withLinks() {
        return new Setup(members, etcdArgs, true, networks, passwords, fakedClock, careless, crew);
    }

    Setup withNetworks() {
        return new Setup(members, etcdArgs, links, true, passwords, fakedClock, careless, crew);
    }

    Setup withPasswords() {
        return new Setup(members, etcdArgs, links, networks, true, fakedClock, careless, crew);
    }

    Setup withFakedClock() {
        return new Setup(members, etcdArgs, links, networks, passwords, true, careless, crew);
    }

    Setup withCarelessUsers() {
        return new Setup(members, etcdArgs, links, networks, passwords, fakedClock, true, crew);
    }

    Setup withCrew(Crew users) {
        return new Setup(members, etcdArgs, links, networks, passwords, fakedClock, careless, users);
    }
}
