package dev.holdfast.lock.benchmarks.server;

import java.util.List;

/** One process with an address. */
record SingleServer(ServerProcess process, String address) implements Server {

    @Override
    public List<Long> pids() {
        return List.of(process.pid());
    }

    @Override
    public void close() {
        process.close();
    }
}
