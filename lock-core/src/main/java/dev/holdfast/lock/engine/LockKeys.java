package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.KeyRange;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where locks lie in the store: {@code <prefix><name>/<lease id in hex>}, the layout of Go's {@code concurrency.Mutex}. In a name
 * {@code /} and {@code %} are percent-encoded unless switched off, so that {@code a} and {@code a/b} never meet. Immutable.
 */
record LockKeys(String prefix, boolean encodeNames) {

    static final int MAX_NAME_BYTES = 4096;

    /** No encoded name contains a bare percent sign, so guards and entries never meet. */
    private static final String GUARD = "%guard/";

    private static final Pattern ENTRY = Pattern.compile("[0-9a-f]+(\\.[0-9a-f]+)?");

    /** @throws IllegalArgumentException saying what is wrong with the first part of a name; it may be empty */
    static String checkedStart(String start) {
        utf8Bytes(start);
        return start;
    }

    /** @throws IllegalArgumentException saying what is wrong with the name */
    String checked(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException(
                    "Lock name '" + name + "' is blank; give a name that says what is locked");
        }
        int bytes = utf8Bytes(name);
        if (bytes > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("Lock name '" + name.substring(0, 40) + "...' has " + bytes
                    + " bytes; give at most " + MAX_NAME_BYTES + ", for example a hash of it");
        }
        if (!encodeNames && name.startsWith("%guard")) {
            throw new IllegalArgumentException("Lock name '" + name
                    + "' starts with %guard, which is taken when names are not encoded; give another");
        }
        return name;
    }

    /** Counted without encoding it: every call that names a lock comes by. */
    private static int utf8Bytes(String name) {
        int bytes = 0;
        for (int i = 0; i < name.length(); i++) {
            char next = name.charAt(i);
            if (Character.isHighSurrogate(next)
                    && i + 1 < name.length()
                    && Character.isLowSurrogate(name.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else if (Character.isSurrogate(next)) {
                throw new IllegalArgumentException(
                        "Lock name '" + name + "' has half a surrogate pair; give valid Unicode");
            } else {
                bytes += next < 0x80 ? 1 : next < 0x800 ? 2 : 3;
            }
        }
        return bytes;
    }

    /** Everything below a name: all its entries, and whatever else somebody put there. */
    KeyRange entries(String name) {
        return KeyRange.prefix(directory(name));
    }

    /**
     * Last part of an entry's key. A session's entries on one name differ in their slot.
     *
     * @param slot 0: no suffix, as Go has it
     */
    static String tail(long leaseId, long slot) {
        return Long.toHexString(leaseId) + (slot == 0 ? "" : "." + Long.toHexString(slot));
    }

    /** The last part of an entry's key again. */
    static String tailOf(String key) {
        return key.substring(key.lastIndexOf('/') + 1);
    }

    /** The id in hex of the lease with which an entry was put. */
    static String leaseOf(String key) {
        String tail = tailOf(key);
        int slot = tail.indexOf('.');
        return slot < 0 ? tail : tail.substring(0, slot);
    }

    String entry(String name, String tail) {
        return directory(name) + tail;
    }

    String guard(String name, String tail) {
        return prefix + GUARD + tail + "/" + encode(name);
    }

    /** Whether the key is a guard, of whatever name. */
    boolean isGuard(String key) {
        return key.startsWith(GUARD, prefix.length()) && key.startsWith(prefix);
    }

    /** Whether the key competes for the name: a direct child that is a lease id in hex, perhaps with a counter. */
    boolean competes(String name, String key) {
        String directory = directory(name);
        return key.startsWith(directory)
                && ENTRY.matcher(key.substring(directory.length())).matches();
    }

    /** The name whose entry the key is; empty for guards and foreign keys. */
    Optional<String> nameOf(String key) {
        int slash = key.lastIndexOf('/');
        if (!key.startsWith(prefix)
                || slash <= prefix.length()
                || isGuard(key)
                || !ENTRY.matcher(key.substring(slash + 1)).matches()) {
            return Optional.empty();
        }
        return Optional.of(decode(key.substring(prefix.length(), slash)));
    }

    /** The name for which the key competes; empty for guards, foreign keys, and entries of registries that write names in another way. */
    Optional<String> competingFor(String key) {
        return nameOf(key).filter(name -> competes(name, key));
    }

    /** With what the keys of all names start that start with the text. */
    String startOf(String names) {
        return prefix + encode(names);
    }

    private String directory(String name) {
        return prefix + encode(name) + "/";
    }

    private String encode(String name) {
        return encodeNames ? name.replace("%", "%25").replace("/", "%2F") : name;
    }

    private String decode(String encoded) {
        return encodeNames ? encoded.replace("%2F", "/").replace("%25", "%") : encoded;
    }
}
