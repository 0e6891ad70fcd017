package dev.holdfast.lock.etcd;

import com.google.protobuf.ByteString;
import dev.holdfast.lock.store.Compare;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.OpResult;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Transactions of the port as etcd's messages, and the answers back.
 *
 * @param permitted start of the keys that a user with a password may use, as etcd is to check; null: there are no users
 */
record TxnCodec(Keyspace keyspace, @Nullable String permitted) {

    TxnCodec(Keyspace keyspace) {
        this(keyspace, null);
    }

    TxnRequest encode(Txn txn) {
        TxnRequest.Builder request = request(txn);
        if (permitted != null && txn.conditions().isEmpty() && txn.otherwise().isEmpty()) {
            addPermissions(txn, permitted, request);
        }
        return request.build();
    }

    private TxnRequest.Builder request(Txn txn) {
        TxnRequest.Builder request = TxnRequest.newBuilder();
        txn.conditions().forEach(condition -> request.addAllCompare(encode(condition)));
        txn.then().forEach(op -> request.addSuccess(encode(op)));
        txn.otherwise().forEach(op -> request.addFailure(encode(op)));
        return request;
    }

    /**
     * etcd does not look at permissions inside nested transactions: it would execute what it refuses to one that is sent alone. It does
     * look at both branches of the outer one, so the one that is never taken, as there are no conditions, names what the nested ones
     * read and write.
     */
    private void addPermissions(Txn txn, String prefix, TxnRequest.Builder request) {
        Set<KeyRange> written = new LinkedHashSet<>();
        for (Op op : txn.then()) {
            if (op instanceof Op.Nested nested) {
                addWritten(nested.txn(), written);
            }
        }
        if (txn.then().stream().anyMatch(op -> op instanceof Op.Nested)) {
            request.addFailure(RequestOp.newBuilder().setRequestRange(probe(prefix)));
            written.forEach(range -> request.addFailure(encode(new Op.Delete(range))));
        }
    }

    private static void addWritten(Txn txn, Set<KeyRange> written) {
        for (List<Op> branch : List.of(txn.then(), txn.otherwise())) {
            for (Op op : branch) {
                if (op instanceof Op.Put put) {
                    written.add(KeyRange.single(put.key()));
                } else if (op instanceof Op.Delete delete) {
                    written.add(delete.range());
                } else if (op instanceof Op.Nested nested) {
                    addWritten(nested.txn(), written);
                }
            }
        }
    }

    private List<io.etcd.jetcd.api.Compare> encode(Compare compare) {
        if (compare instanceof Compare.OfValue value) {
            ByteString start = ByteString.copyFromUtf8(value.start());
            return List.of(
                    bound(value.range(), io.etcd.jetcd.api.Compare.CompareResult.GREATER, start),
                    bound(value.range(), io.etcd.jetcd.api.Compare.CompareResult.LESS, Keyspace.prefixEnd(start)));
        }
        return List.of(encode((Compare.OfRevision) compare));
    }

    private io.etcd.jetcd.api.Compare bound(
            KeyRange range, io.etcd.jetcd.api.Compare.CompareResult result, ByteString value) {
        return on(range)
                .setTarget(io.etcd.jetcd.api.Compare.CompareTarget.VALUE)
                .setResult(result)
                .setValue(value)
                .build();
    }

    private io.etcd.jetcd.api.Compare encode(Compare.OfRevision compare) {
        io.etcd.jetcd.api.Compare.Builder message = on(compare.range())
                .setResult(
                        switch (compare.relation()) {
                            case EQUAL -> io.etcd.jetcd.api.Compare.CompareResult.EQUAL;
                            case LESS -> io.etcd.jetcd.api.Compare.CompareResult.LESS;
                        });
        switch (compare.target()) {
            case CREATE_REVISION ->
                message.setTarget(io.etcd.jetcd.api.Compare.CompareTarget.CREATE)
                        .setCreateRevision(compare.revision());
            case MOD_REVISION ->
                message.setTarget(io.etcd.jetcd.api.Compare.CompareTarget.MOD).setModRevision(compare.revision());
        }
        return message.build();
    }

    private io.etcd.jetcd.api.Compare.Builder on(KeyRange range) {
        return io.etcd.jetcd.api.Compare.newBuilder()
                .setKey(keyspace.start(range))
                .setRangeEnd(keyspace.end(range));
    }

    private RequestOp encode(Op op) {
        RequestOp.Builder message = RequestOp.newBuilder();
        if (op instanceof Op.Put put) {
            message.setRequestPut(PutRequest.newBuilder()
                    .setKey(keyspace.bytes(put.key()))
                    .setValue(ByteString.copyFromUtf8(put.value()))
                    .setLease(put.leaseId()));
        } else if (op instanceof Op.Delete delete) {
            message.setRequestDeleteRange(DeleteRangeRequest.newBuilder()
                    .setKey(keyspace.start(delete.range()))
                    .setRangeEnd(keyspace.end(delete.range())));
        } else if (op instanceof Op.Get get) {
            message.setRequestRange(encode(get));
        } else if (op instanceof Op.Page page) {
            message.setRequestRange(encode(page));
        } else if (op instanceof Op.Nested nested) {
            message.setRequestTxn(request(nested.txn()));
        }
        return message.build();
    }

    private RangeRequest encode(Op.Get get) {
        RangeRequest.Builder message = RangeRequest.newBuilder()
                .setKey(keyspace.start(get.range()))
                .setRangeEnd(keyspace.end(get.range()))
                .setLimit(get.limit())
                .setMaxCreateRevision(get.maxCreateRevision())
                .setKeysOnly(get.keysOnly());
        if (get.range().prefix()) {
            message.setSortTarget(RangeRequest.SortTarget.CREATE)
                    .setSortOrder(
                            switch (get.order()) {
                                case OLDEST_FIRST -> RangeRequest.SortOrder.ASCEND;
                                case NEWEST_FIRST -> RangeRequest.SortOrder.DESCEND;
                            });
        }
        return message.build();
    }

    /** Without a sort order: etcd reads only as many as asked for. */
    private RangeRequest encode(Op.Page page) {
        return RangeRequest.newBuilder()
                .setKey(keyspace.bytes(page.from()))
                .setRangeEnd(keyspace.end(KeyRange.prefix(page.prefix())))
                .setLimit(page.limit())
                .build();
    }

    /** The linearizable read that costs least and needs the permission the locks need. */
    RangeRequest probe(String prefix) {
        return RangeRequest.newBuilder()
                .setKey(keyspace.start(KeyRange.prefix(prefix)))
                .setRangeEnd(keyspace.end(KeyRange.prefix(prefix)))
                .setLimit(1)
                .setKeysOnly(true)
                .build();
    }

    TxnResult decode(TxnResponse response) {
        return decode(
                response,
                response.getHeader().getRevision(),
                response.getHeader().getClusterId());
    }

    private TxnResult decode(TxnResponse response, long revision, long clusterId) {
        List<OpResult> results = new ArrayList<>(response.getResponsesCount());
        for (ResponseOp answer : response.getResponsesList()) {
            results.add(
                    switch (answer.getResponseCase()) {
                        case RESPONSE_RANGE -> decode(answer.getResponseRange());
                        case RESPONSE_DELETE_RANGE ->
                            new OpResult.Done(answer.getResponseDeleteRange().getDeleted());
                        case RESPONSE_TXN -> decode(answer.getResponseTxn(), revision, 0);
                        case RESPONSE_PUT, RESPONSE_NOT_SET -> new OpResult.Done(0);
                    });
        }
        return new TxnResult(response.getSucceeded(), revision, clusterId, results);
    }

    private OpResult.Keys decode(RangeResponse range) {
        List<KeyValue> keys = new ArrayList<>(range.getKvsCount());
        for (io.etcd.jetcd.api.KeyValue key : range.getKvsList()) {
            keys.add(new KeyValue(
                    keyspace.text(key.getKey()),
                    key.getValue().toStringUtf8(),
                    key.getCreateRevision(),
                    key.getModRevision(),
                    key.getLease()));
        }
        return new OpResult.Keys(keys, range.getMore());
    }
}
