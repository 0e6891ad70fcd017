package dev.holdfast.lock.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What programs read. What is not known is left out. */
final class JsonText {

    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    private JsonText() {}

    static Fields fields() {
        return new Fields(new LinkedHashMap<>());
    }

    /** An object in the making. */
    record Fields(Map<String, Object> values) {

        Fields with(String name, @Nullable Object value) {
            if (value instanceof Fields nested) {
                values.put(name, nested.values());
            } else if (value != null) {
                values.put(name, value);
            }
            return this;
        }

        @Override
        public String toString() {
            return GSON.toJson(values);
        }
    }
}
