package dev.holdfast.lock.engine;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Map;

/**
 * What an entry says of its holder: JSON with kind, permits, owner, since and metadata. Kind and permits come first and without
 * blanks, since the protocol compares how values start; the rest is for people and tools.
 */
final class EntryValue {

    private EntryValue() {}

    static String of(Kind kind, Owner owner, String thread, Instant since, Map<String, String> metadata) {
        StringWriter text = new StringWriter(160);
        text.write(kind.valueStart());
        StringWriter rest = new StringWriter(160);
        try (JsonWriter json = new JsonWriter(rest)) {
            json.beginObject();
            json.name("owner").beginObject();
            json.name("application").value(owner.application());
            json.name("host").value(owner.host());
            json.name("pid").value(owner.pid());
            json.name("thread").value(thread);
            json.endObject();
            json.name("since").value(since.toString());
            if (!metadata.isEmpty()) {
                json.name("metadata").beginObject();
                for (Map.Entry<String, String> entry : metadata.entrySet()) {
                    json.name(entry.getKey()).value(entry.getValue());
                }
                json.endObject();
            }
            json.endObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("A StringWriter does not fail", impossible);
        }
        return text + rest.toString().substring(1);
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
