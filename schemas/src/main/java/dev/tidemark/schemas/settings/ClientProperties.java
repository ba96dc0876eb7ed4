package dev.tidemark.schemas.settings;

import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Properties for every Kafka client, as the user wrote them. Printing shows the keys, and values that are no secrets. */
public final class ClientProperties {
    private static final ClientProperties NONE = new ClientProperties(Map.of());

    private final Map<String, String> values;

    private ClientProperties(Map<String, String> values) {
        // Sorted: what is printed or compared does not depend on the order of a file.
        this.values = Collections.unmodifiableMap(new TreeMap<>(values));
    }

    public static ClientProperties none() {
        return NONE;
    }

    public static ClientProperties of(Map<String, String> values) {
        return new ClientProperties(values);
    }

    /** {@code ssl.key.password}, {@code sasl.jaas.config}, {@code sasl.oauthbearer.client.credentials.client.secret}. */
    public static boolean isSecret(String key) {
        String lower = key.toLowerCase(Locale.ROOT);
        return lower.contains("password")
                || lower.contains("jaas")
                || lower.contains("secret")
                || lower.contains("keystore.key");
    }

    public Set<String> keys() {
        return values.keySet();
    }

    /** Everything, secrets in clear, for the client that needs them. */
    public Map<String, String> reveal() {
        return values;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClientProperties that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        Map<String, String> shown = new TreeMap<>(values);
        shown.replaceAll((key, value) -> isSecret(key) ? "(secret)" : value);
        return shown.toString();
    }
}
