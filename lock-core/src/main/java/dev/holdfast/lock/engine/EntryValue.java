package dev.holdfast.lock.engine;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.time.Instant;
import java.util.Map;

/**
 * What an entry says of its holder: JSON with kind, permits, owner, since and metadata. Kind and permits come first and without
 * blanks, since the protocol compares how values start; the rest is for people and tools.
 */
final class EntryValue {

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
        try {
            JsonObject owner = JsonParser.parseString(value).getAsJsonObject().getAsJsonObject("owner");
            return new Owner(
                            owner.get("application").getAsString(),
                            owner.get("host").getAsString(),
                            owner.get("pid").getAsLong())
                    .text();
        } catch (JsonParseException
                | IllegalStateException
                | UnsupportedOperationException
                | NullPointerException
                | ClassCastException foreign) {
            return "another program";
        }
    }
}
