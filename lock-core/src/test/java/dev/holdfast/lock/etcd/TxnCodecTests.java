package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import dev.holdfast.lock.store.Compare;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.Txn;
import io.etcd.jetcd.api.Compare.CompareResult;
import io.etcd.jetcd.api.Compare.CompareTarget;
import io.etcd.jetcd.api.TxnRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

class TxnCodecTests {

    private final TxnCodec codec = new TxnCodec(new Keyspace("team/"));

    @Test
    void valuesThatStartWithATextLieBetweenTwoBounds() {
        assertThat(encode(Compare.valuesStartWith(KeyRange.prefix("q/"), "5,")))
                .containsExactly(
                        message(CompareResult.GREATER, "team/q/", "team/q0", utf8("5,")),
                        message(CompareResult.LESS, "team/q/", "team/q0", utf8("5-")));
    }

    @Test
    void theValueOfOneKeyHasNoRangeEnd() {
        assertThat(encode(Compare.valuesStartWith(KeyRange.single("q"), "5,")))
                .containsExactly(
                        message(CompareResult.GREATER, "team/q", "", utf8("5,")),
                        message(CompareResult.LESS, "team/q", "", utf8("5-")));
    }

    /** The end need not be UTF-8: here a byte that only goes on stands where a character would start. */
    @Test
    void theEndOfATextIsOneOfBytes() {
        assertThat(end("\u007f")).isEqualTo(bytes(0x80));
        assertThat(end("ü")).isEqualTo(bytes(0xC3, 0xBD));
        assertThat(end("¿")).isEqualTo(bytes(0xC2, 0xC0));
        assertThat(end("\ud83d\ude00")).isEqualTo(bytes(0xF0, 0x9F, 0x98, 0x81));
    }

    @Test
    void aConditionOnValuesNeedsAText() {
        assertThatIllegalArgumentException().isThrownBy(() -> Compare.valuesStartWith(KeyRange.single("q"), ""));
    }

    @Test
    void conditionsKeepTheirOrder() {
        assertThat(encode(
                        Compare.modifiedAt("guard", 7),
                        Compare.valuesStartWith(KeyRange.prefix("q/"), "5,"),
                        Compare.absent(KeyRange.single("q/1"))))
                .extracting(io.etcd.jetcd.api.Compare::getTarget)
                .containsExactly(CompareTarget.MOD, CompareTarget.VALUE, CompareTarget.VALUE, CompareTarget.CREATE);
    }

    /** etcd looks at both branches, but not into nested transactions. */
    @Test
    void withUsersTheBranchNeverTakenNamesWhatNestedOnesWrite() {
        Txn nested = new Txn(
                List.of(Compare.absent(KeyRange.single("q/1"))),
                List.of(new Op.Put("q/1", "value", 0)),
                List.of(new Op.Delete(KeyRange.single("q/2"))));
        Txn batch = Txn.of(new Op.Nested(nested), new Op.Nested(Txn.of(Op.Get.key("q/3"))));

        TxnRequest withUsers = new TxnCodec(new Keyspace("team/"), "q/").encode(batch);

        assertThat(withUsers.getCompareList()).isEmpty();
        assertThat(withUsers.getFailure(0).getRequestRange().getKey()).isEqualTo(utf8("team/q/"));
        assertThat(withUsers.getFailureList().subList(1, withUsers.getFailureCount()))
                .extracting(op -> op.getRequestDeleteRange().getKey())
                .containsExactly(utf8("team/q/1"), utf8("team/q/2"));
        assertThat(codec.encode(batch).getFailureList()).isEmpty();
        assertThat(new TxnCodec(new Keyspace("team/"), "q/").encode(nested)).isEqualTo(codec.encode(nested));
    }

    private ByteString end(String start) {
        return encode(Compare.valuesStartWith(KeyRange.single("q"), start))
                .get(1)
                .getValue();
    }

    private List<io.etcd.jetcd.api.Compare> encode(Compare... conditions) {
        return codec.encode(new Txn(List.of(conditions), List.of(), List.of())).getCompareList();
    }

    private static io.etcd.jetcd.api.Compare message(
            CompareResult result, String key, String rangeEnd, ByteString value) {
        return io.etcd.jetcd.api.Compare.newBuilder()
                .setTarget(CompareTarget.VALUE)
                .setResult(result)
                .setKey(utf8(key))
                .setRangeEnd(utf8(rangeEnd))
                .setValue(value)
                .build();
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static ByteString bytes(int... bytes) {
        byte[] copy = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            copy[i] = (byte) bytes[i];
        }
        return ByteString.copyFrom(copy);
    }
}
