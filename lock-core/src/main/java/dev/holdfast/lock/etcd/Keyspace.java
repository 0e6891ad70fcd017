package dev.holdfast.lock.etcd;

import com.google.protobuf.ByteString;
import dev.holdfast.lock.store.KeyRange;

/** The part of etcd's keys that is ours: puts a namespace before each key, as jetcd does, and takes it off again. */
record Keyspace(String namespace) {

    ByteString bytes(String key) {
        return ByteString.copyFromUtf8(namespace + key);
    }

    /** First key of a range; its end is {@link #end}. */
    ByteString start(KeyRange range) {
        return bytes(range.key());
    }

    /** First key after a range; empty means the single key. */
    ByteString end(KeyRange range) {
        return range.prefix() ? prefixEnd(start(range)) : ByteString.EMPTY;
    }

    /** The least bytes after all that start with these. UTF-8 has no byte 0xFF, so the last byte can always be raised. */
    static ByteString prefixEnd(ByteString utf8) {
        byte[] end = utf8.toByteArray();
        end[end.length - 1]++;
        return ByteString.copyFrom(end);
    }

    boolean owns(ByteString key) {
        return namespace.isEmpty() || key.startsWith(ByteString.copyFromUtf8(namespace));
    }

    String text(ByteString key) {
        return key.toStringUtf8().substring(namespace.length());
    }
}
