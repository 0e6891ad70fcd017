package dev.holdfast.lock.engine;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.holdfast.lock.LockOwner;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an entry says of its holder: JSON with kind, permits, owner, since and metadata. Kind and permits come first and without
 * blanks, since the protocol compares how values start; the rest is for people and tools.
 */
final class EntryValue {

    private static final String START = "{\"kind\":\"";

    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    private EntryValue() {}

    static String of(Kind kind, Owner owner, String thread, Instant since, Map<String, String> metadata) {
        StringBuilder text = new StringBuilder(192).append(kind.valueStart());
        text.append("\"owner\":{\"application\":").append(quoted(owner.application()));
        text.append(",\"host\":").append(quoted(owner.host()));
        text.append(",\"pid\":").append(owner.pid());
        text.append(",\"thread\":").append(quoted(thread));
        text.append("},\"since\":\"").append(since).append('"');
        if (!metadata.isEmpty()) {
            text.append(",\"metadata\":").append(GSON.toJson(metadata));
        }
        return text.append('}').toString();
    }

    /** As JSON. Most names need no escapes, and a writer for each would cost as much as the rest of an acquire. */
    private static String quoted(String text) {
        for (int i = 0; i < text.length(); i++) {
            char next = text.charAt(i);
            if (next < ' ' || next > '~' || next == '"' || next == '\\') {
                return GSON.toJson(text);
            }
        }
        return '"' + text + '"';
    }

    /** The holder as a person would name it; other programs need not say who they are. */
    static String ownerOf(String value) {
        Said said = read(value);
        return said == null ? "another program" : said.text();
    }

    /** What an entry of ours says; null if the value is another program's, or a candidate's. */
    static @Nullable Said read(String value) {
        if (!value.startsWith(START)) {
            return null;
        }
        try {
            JsonObject all = JsonParser.parseString(value).getAsJsonObject();
            JsonObject owner = all.getAsJsonObject("owner");
            return new Said(
                    new LockOwner(
                            owner.get("application").getAsString(),
                            owner.get("host").getAsString(),
                            owner.get("pid").getAsLong(),
                            owner.has("thread") ? owner.get("thread").getAsString() : ""),
                    all.has("since") ? Instant.parse(all.get("since").getAsString()) : null,
                    metadata(all));
        } catch (JsonParseException
                | DateTimeParseException
                | IllegalStateException
                | UnsupportedOperationException
                | NumberFormatException
                | NullPointerException
                | ClassCastException foreign) {
            return null;
        }
    }

    private static Map<String, String> metadata(JsonObject all) {
        Map<String, String> metadata = new HashMap<>();
        if (all.has("metadata")) {
            all.getAsJsonObject("metadata")
                    .entrySet()
                    .forEach(each -> metadata.put(each.getKey(), each.getValue().getAsString()));
        }
        return metadata;
    }

    /** For people and tools. */
    record Said(LockOwner owner, @Nullable Instant since, Map<String, String> metadata) {

        String text() {
            return new Owner(owner.application(), owner.host(), owner.pid()).text();
        }
    }
}
