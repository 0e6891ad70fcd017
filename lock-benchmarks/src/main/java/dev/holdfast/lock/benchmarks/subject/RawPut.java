package dev.holdfast.lock.benchmarks.subject;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.util.concurrent.ExecutionException;

/** The floor: one put through the generated stub, which is one commit of etcd. No lock, and nothing to release. */
final class RawPut implements Subject {

    private final ManagedChannel channel;
    private final KVGrpc.KVFutureStub stub;

    RawPut(String address) {
        String target = address.split(",")[0].replaceFirst("^http://", "");
        channel = ManagedChannelBuilder.forTarget(target)
                .usePlaintext()
                .directExecutor()
                .build();
        stub = KVGrpc.newFutureStub(channel);
    }

    @Override
    public NamedLock lock(String name) {
        PutRequest request = PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("raw/" + name))
                .setValue(ByteString.copyFromUtf8("x"))
                .build();
        return new NamedLock() {
            @Override
            public void acquire() throws ExecutionException, InterruptedException {
                stub.put(request).get();
            }

            @Override
            public void release() {}
        };
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
