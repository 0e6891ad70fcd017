package dev.holdfast.lock.memory;

import dev.holdfast.lock.store.Compare;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.Txn;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Draws requests from a seed: mostly such as can succeed, but also every kind that cannot. */
final class RandomSteps {

    static final String PREFIX = "m/";

    /** UTF-16 and UTF-8 order the last two differently. At most 12: among more, etcd leaves the order of equal revisions open. */
    static final List<String> KEYS = Stream.of("a", "b", "a/1", "a/2", "a/20", "ü", "\uff5e", "\ud83d\ude00")
            .map(PREFIX::concat)
            .toList();

    private static final List<KeyRange> PREFIXES = Stream.of("", "a", "a/", "a/2", "ü", "none")
            .map(PREFIX::concat)
            .map(KeyRange::prefix)
            .toList();

    /**
     * Many start alike, and some are next to others in the order of UTF-8: "2" and "ý" come right after all that starts with "1" and
     * "ü". Not empty.
     */
    private static final String[] VALUES = {
        "1",
        "10",
        "12",
        "120",
        "1+",
        "1,",
        "1,2",
        "1\u007f",
        "1ü",
        "1\ud83d\ude00",
        "1\udbff\udfff",
        "0\udbff\udfff",
        "2",
        "ü",
        "ü1",
        "üü",
        "ý",
        "\uff5e1",
        "\ud83d\ude00",
        "\ud83d\ude001",
        "\ud83d\ude01"
    };

    private static final int DEPTH = 3;

    private final Random random;
    private final Supplier<Map<String, KeyValue>> state;
    private int leases;
    private int watches;
    private Map<String, KeyValue> now = Map.of();
    private long latest;

    /** The state is what the generated conditions are about, so that many of them hold. */
    RandomSteps(Random random, Supplier<Map<String, KeyValue>> state) {
        this.random = random;
        this.state = state;
    }

    Step next(long latestRevision) {
        now = state.get();
        latest = latestRevision;
        int dice = random.nextInt(100);
        if (dice < 8 || leases == 0) {
            leases++;
            return new Step.Grant(150_000 + 100_000L * random.nextInt(5) - (dice == 0 ? 500 : 0));
        }
        if (dice < 13) {
            return new Step.KeepAlive(anyLease());
        }
        if (dice < 19) {
            return new Step.ReadLease(anyLease());
        }
        if (dice < 23) {
            return new Step.Revoke(anyLease());
        }
        if (dice < 27 && watches < 4) {
            watches++;
            return new Step.Watch(range());
        }
        if (dice < 29 && watches > 0) {
            watches--;
            return new Step.Unwatch();
        }
        if (dice == 30) {
            return new Step.Transaction(random.nextBoolean() ? crowded() : conditioned());
        }
        if (dice < 40) {
            return new Step.Transaction(batch());
        }
        return new Step.Transaction(txn(1, freshKeys()));
    }

    private Txn txn(int depth, Deque<String> fresh) {
        return new Txn(conditions(), ops(depth, fresh), ops(depth, random.nextInt(4) == 0 ? freshKeys() : fresh));
    }

    /** Unconditional, and nothing but nested ones that put and delete apart from each other, as the engine sends them. */
    private Txn batch() {
        Deque<String> fresh = freshKeys();
        int own = random.nextInt(20) == 0 ? 120 + random.nextInt(8) : 2 + random.nextInt(5);
        return Txn.of(
                Stream.generate(() -> new Op.Nested(member(fresh))).limit(own).toArray(Op[]::new));
    }

    private Txn member(Deque<String> fresh) {
        String key = fresh.isEmpty() ? null : fresh.remove();
        List<Op> reads = List.of(
                Op.Get.key(key == null ? anyKey() : key),
                new Op.Get(prefix(), any(Op.Order.values()), random.nextInt(4), 0, random.nextBoolean()));
        if (key == null) {
            return new Txn(conditions(), reads, reads.subList(0, 1));
        }
        Op write = random.nextInt(3) == 0
                ? new Op.Delete(KeyRange.single(key))
                : new Op.Put(key, value(), random.nextInt(8) > 0 ? 0 : anyLease());
        return new Txn(conditions(), List.of(write, reads.get(0), reads.get(1)), reads);
    }

    /** Around the greatest number of operations. */
    private Txn crowded() {
        int nested = random.nextInt(3);
        int count = 126 + random.nextInt(4) - nested;
        List<Op> ops = new ArrayList<>(Collections.nCopies(count, Op.Get.key(anyKey())));
        if (nested > 0) {
            ops.add(new Op.Nested(
                    Txn.of(Collections.nCopies(nested, Op.Get.key(anyKey())).toArray(Op[]::new))));
        }
        return Txn.of(ops.toArray(Op[]::new));
    }

    /** The same with conditions, of which those on values count as two. */
    private Txn conditioned() {
        int values = random.nextInt(64);
        int revisions = 126 + random.nextInt(4) - 2 * values;
        List<Compare> conditions = new ArrayList<>(Collections.nCopies(values, values()));
        conditions.addAll(Collections.nCopies(revisions, Compare.unchangedSince(range(), latest)));
        return new Txn(conditions, List.of(), List.of());
    }

    private List<Compare> conditions() {
        return Stream.generate(this::condition).limit(few(3)).toList();
    }

    private Compare condition() {
        KeyRange range = random.nextInt(3) > 0 ? KeyRange.single(anyKey()) : range();
        return random.nextInt(4) == 0 ? values() : revision(range);
    }

    /** Mostly on keys that exist: without any, the condition never holds. */
    private Compare values() {
        List<KeyRange> found = Stream.concat(KEYS.stream().map(KeyRange::single), PREFIXES.stream())
                .filter(range -> !values(range).isEmpty())
                .toList();
        KeyRange range = found.isEmpty() || random.nextInt(6) == 0 ? range() : found.get(random.nextInt(found.size()));
        return Compare.valuesStartWith(range, start(values(range)));
    }

    private List<String> values(KeyRange range) {
        return KEYS.stream()
                .filter(range::contains)
                .map(now::get)
                .filter(Objects::nonNull)
                .map(KeyValue::value)
                .filter(value -> !value.isEmpty())
                .toList();
    }

    /** Mostly the start of one of the values, sometimes all of it. */
    private String start(List<String> values) {
        String value =
                values.isEmpty() || random.nextInt(5) == 0 ? any(VALUES) : values.get(random.nextInt(values.size()));
        int codePoints = random.nextInt(6) == 0 ? value.codePointCount(0, value.length()) : 1;
        return value.substring(0, value.offsetByCodePoints(0, codePoints));
    }

    private Compare revision(KeyRange range) {
        Compare.Target target = any(Compare.Target.values());
        KeyValue key = now.get(range.key());
        long revision = random.nextInt(4) > 0 && key != null
                ? target == Compare.Target.CREATE_REVISION ? key.createRevision() : key.modRevision()
                : random.nextInt(2) == 0 ? 0 : revision();
        Compare.Relation relation = any(Compare.Relation.values());
        return new Compare.OfRevision(
                range, target, relation, relation == Compare.Relation.LESS ? revision + 1 : revision);
    }

    private List<Op> ops(int depth, Deque<String> fresh) {
        return Stream.generate(() -> op(depth, fresh)).limit(few(4)).toList();
    }

    private Op op(int depth, Deque<String> fresh) {
        int dice = random.nextInt(100);
        if (dice < 40) {
            return new Op.Put(key(fresh), value(), random.nextBoolean() ? 0 : anyLease());
        }
        if (dice < 55) {
            return new Op.Delete(random.nextInt(3) == 0 ? range() : KeyRange.single(key(fresh)));
        }
        if (dice < 62) {
            return page();
        }
        if (dice < 82 || depth == DEPTH) {
            return new Op.Get(
                    random.nextBoolean() ? range() : prefix(),
                    any(Op.Order.values()),
                    random.nextInt(4),
                    random.nextBoolean() ? 0 : revision(),
                    random.nextBoolean());
        }
        return new Op.Nested(txn(depth + 1, fresh));
    }

    private Op.Page page() {
        String prefix = prefix().key();
        List<String> below = KEYS.stream().filter(key -> key.startsWith(prefix)).toList();
        String from = below.isEmpty() || random.nextInt(3) == 0 ? prefix : below.get(random.nextInt(below.size()));
        return new Op.Page(prefix, random.nextInt(3) == 0 ? from + "\0" : from, 1 + random.nextInt(4));
    }

    private String value() {
        return random.nextInt(12) == 0 ? "" : any(VALUES);
    }

    private Deque<String> freshKeys() {
        List<String> keys = new ArrayList<>(KEYS);
        Collections.shuffle(keys, random);
        return new ArrayDeque<>(keys);
    }

    /** Mostly one that the transaction has not touched: etcd refuses to put a key twice. */
    private String key(Deque<String> fresh) {
        String key = random.nextInt(10) == 0 ? null : fresh.poll();
        return key == null ? anyKey() : key;
    }

    private String anyKey() {
        return KEYS.get(random.nextInt(KEYS.size()));
    }

    private KeyRange range() {
        return random.nextBoolean() ? KeyRange.single(anyKey()) : prefix();
    }

    private KeyRange prefix() {
        return PREFIXES.get(random.nextInt(PREFIXES.size()));
    }

    private long revision() {
        return Math.max(1, latest + 1 - random.nextInt(12));
    }

    /** Mostly a recent one; some have been revoked, and one was never granted. */
    private int anyLease() {
        return random.nextInt(12) == 0 ? leases + 1 : Math.max(1, leases - random.nextInt(5));
    }

    private int few(int most) {
        return random.nextInt(most + 1);
    }

    private <T> T any(T[] values) {
        return values[random.nextInt(values.length)];
    }
}
