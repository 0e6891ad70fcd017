package dev.holdfast.lock.engine;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Map;

/** Writes what an entry says of its holder: JSON with owner, since, permits, kind and metadata. For people and tools, not for the protocol. */
final class EntryValue {

    private EntryValue() {}

    static String exclusive(Owner owner, String thread, Instant since, Map<String, String> metadata) {
        StringWriter text = new StringWriter(160);
        try (JsonWriter json = new JsonWriter(text)) {
            json.beginObject();
            json.name("owner").beginObject();
            json.name("application").value(owner.application());
            json.name("host").value(owner.host());
            json.name("pid").value(owner.pid());
            json.name("thread").value(thread);
            json.endObject();
            json.name("since").value(since.toString());
            json.name("kind").value("exclusive");
            json.name("permits").value(1);
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
        return text.toString();
    }
}
