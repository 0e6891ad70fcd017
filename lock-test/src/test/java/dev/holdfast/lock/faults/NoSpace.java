package dev.holdfast.lock.faults;

import dev.holdfast.lock.test.EtcdServer;

/** The database grows to its quota and etcd takes no more; after a while somebody makes room. */
record NoSpace() implements Nemesis {

    static final String QUOTA = "--quota-backend-bytes=" + (4 << 20);

    private static final String FILLER = "x".repeat(100_000);

    @Override
    public void strike(Rig rig) {
        for (int i = 0; !full(rig); i++) {
            if (i == 200) {
                throw new IllegalStateException("The database does not fill");
            }
        }
        Rig.pause(Rig.TTL);
        rig.members().compact();
        for (EtcdServer member : rig.members().all()) {
            rig.members().etcdctlOn(member, "defrag");
        }
        rig.members().etcdctl("alarm", "disarm");
    }

    private static boolean full(Rig rig) {
        try {
            rig.members().etcdctlOn(rig.members().leader(), "put", "filler", FILLER);
            return false;
        } catch (IllegalStateException refused) {
            if (String.valueOf(refused.getMessage()).contains("space exceeded")) {
                return true;
            }
            throw refused;
        }
    }
}
