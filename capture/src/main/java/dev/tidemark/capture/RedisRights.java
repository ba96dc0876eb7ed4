package dev.tidemark.capture;

import dev.tidemark.capture.RedisRight.Need;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.settings.JournalSettings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the user of the captured Redis must be allowed to do, and no more: the one place that knows. AUTH and HELLO are not
 * here, since every user may run them; nor is CONFIG, which would show the server's passwords.
 */
final class RedisRights {
    /** The first version that knows these commands, or this form of a rule. */
    private static final int FUNCTIONS = 70000;

    private static final int CLIENT_LIBRARY_NAMES = 70200;
    private static final String EVERY_CHANNEL = "allchannels";

    private final CapturedKeys keys;
    private final int version;
    private final boolean everyChannel;
    private final List<RedisRight> commands = new ArrayList<>();

    /**
     * The rights on one kind of server: a rule that names a command which the server does not have is refused by it.
     *
     * @param version as {@link ServerInfo#version} tells it
     * @param search whether it has the search module
     */
    RedisRights(CapturedKeys keys, int version, boolean cluster, boolean search) {
        this.keys = keys;
        this.version = version;
        // No rule can be spelt like a pattern with a space, and a rule for all takes no other beside it.
        this.everyChannel = keys.channelPatterns().stream().anyMatch(RedisRights::hasSpace);
        connections();
        canary();
        reading();
        if (cluster) {
            need("cluster|nodes", "which node owns which slots", "cluster", "nodes");
            need("cluster|slots", "which node owns which slots", "cluster", "slots");
        }
        if (search) {
            need("ft._list", "the names of search indexes", "ft._list");
            need("ft.info", "the definitions of search indexes", "ft.info", "tidemark:doctor");
        }
        baselines();
        // Last and together: a transaction that cannot be ended would swallow what is tried after it.
        need("multi", "value, expiry and clock of one instant", "multi");
        need("exec", "value, expiry and clock of one instant", "exec");
    }

    private void connections() {
        need("ping", "the last proof of a barrier", "ping");
        need("client|setname", "a name in CLIENT LIST", "client", "setname", "tidemark-doctor");
        if (version >= CLIENT_LIBRARY_NAMES) {
            need("client|setinfo", "a name in CLIENT LIST", "client", "setinfo", "lib-name", "tidemark");
        }
        if (keys.journalStreams().isEmpty()) {
            signals();
        } else {
            journal();
        }
        need("info", "restarts, failovers and flushes", "info", "server");
        need("time", "the clock that changes are dated by", "time");
        if (!keys.databases().equals(List.of(0))) {
            need("select", "source.databases", "select", Integer.toString(keys.canaryDatabase()));
        }
    }

    private void signals() {
        need("client|tracking", "the signal that no change is missed by", "client", "tracking", "off");
        need("subscribe", "the output-buffer limit of subscribers");
        need("psubscribe", "the signal that tells expiry from deletion");
    }

    private void journal() {
        need("xrange", "a journal's entries", "xrange", RedisRight.CANARY, "-", "+");
        need("xrevrange", "where a journal ends", "xrevrange", RedisRight.CANARY, "+", "-", "count", "1");
        need("xadd", "entries that say nothing, set aside", "xadd", RedisRight.CANARY, "nomkstream", "*", "f", "v");
        String why = "what of a journal is acknowledged, and its length";
        need("xgroup|create", why, "xgroup", "create", RedisRight.CANARY, "g", "0");
        need("xgroup|setid", why, "xgroup", "setid", RedisRight.CANARY, "g", "0");
        need("xinfo|groups", why, "xinfo", "groups", RedisRight.CANARY);
        need("xinfo|stream", "whether a journal was trimmed by somebody else", "xinfo", "stream", RedisRight.CANARY);
        need("xpending", why, "xpending", RedisRight.CANARY, "g");
        need("xtrim", why, "xtrim", RedisRight.CANARY, "maxlen", "1");
        need("xlen", why, "xlen", RedisRight.CANARY);
        need("acl|list", "who else could write, past the journal", "acl", "list");
    }

    private void canary() {
        String why = "the canary that proves both signals";
        need("hset", why, "hset", RedisRight.CANARY, "watch", "doctor");
        need("hget", why, "hget", RedisRight.CANARY, "at");
        need("hmget", why, "hmget", RedisRight.CANARY, "watch", "n");
        need("persist", why, "persist", RedisRight.CANARY);
        need("pexpireat", why, "pexpireat", RedisRight.CANARY, "1");
        need("eval", "a canary where memory is full", "eval", "return 1", "0");
        need("del", why, "del", RedisRight.CANARY);
    }

    private void reading() {
        need("scan", "every key, for a resync", "scan", "0", "match", "tidemark:doctor", "count", "1");
        need("type", "how a key is read", "type", RedisRight.CANARY);
        need("hgetall", "hashes", "hgetall", RedisRight.CANARY);
        need("hlen", "the size of a hash before it is read", "hlen", RedisRight.CANARY);
        need("get", "strings", "get", RedisRight.CANARY);
        need("strlen", "the size of a string before it is read", "strlen", RedisRight.CANARY);
        need("getrange", "large strings in parts", "getrange", RedisRight.CANARY, "0", "0");
        need("dump", "all other types", "dump", RedisRight.CANARY);
        need("memory|usage", "the size of a key before it is read", "memory", "usage", RedisRight.CANARY);
        need("pttl", "expiries", "pttl", RedisRight.CANARY);
        if (version >= FUNCTIONS) {
            need("pexpiretime", "expiries, to the millisecond", "pexpiretime", RedisRight.CANARY);
            need("function|dump", "function libraries", "function", "dump");
        }
        need("watch", "large values in parts, unchanged meanwhile", "watch", RedisRight.CANARY);
        need("unwatch", "large values in parts, unchanged meanwhile", "unwatch");
    }

    private void baselines() {
        String why = "baselines over the replication protocol";
        commands.add(new RedisRight("replconf", Need.BASELINES, why, List.of("replconf", "capa", "psync2")));
        // No replication id is spelt like this, so no server ever obeys; a primary refuses the form altogether.
        commands.add(
                new RedisRight("psync", Need.BASELINES, why, List.of("psync", "tidemark-doctor", "0", "failover")));
    }

    private void need(String command, String why, String... trial) {
        commands.add(new RedisRight(command, Need.CAPTURE, why, List.of(trial)));
    }

    /** In the order in which they are to be tried. */
    List<RedisRight> commands() {
        return List.copyOf(commands);
    }

    /** Our own keys may be written. */
    static String canaryRule() {
        return "~" + new String(ReservedKeys.CANARY_PREFIX.array(), StandardCharsets.US_ASCII) + "*";
    }

    /** Captured keys may be read: one rule a prefix, in the order of the prefixes. */
    List<String> keyRules() {
        String read = version >= FUNCTIONS ? "%R~" : "~";
        // A rule may hold no space; '?' is any one character.
        return keys.keyPatterns().stream()
                .map(pattern -> quoted(read, withoutSpaces(pattern)))
                .toList();
    }

    /** A journal's streams, and those beside them. */
    List<String> journalRules() {
        return keys.journalStreams().stream()
                .flatMap(stream -> Stream.of(stream, JournalSettings.asideOf(stream)))
                .map(stream -> quoted("~", CapturedKeys.literal(stream)))
                .toList();
    }

    /** The channel that is subscribed to for the sake of its buffer limit. */
    String unusedChannelRule() {
        return everyChannel ? EVERY_CHANNEL : "&tidemark:*";
    }

    /** A pattern may be subscribed to only if a rule is spelt exactly like it; wildcards of a rule do not help. */
    String channelRule(byte[] pattern) {
        return everyChannel ? EVERY_CHANNEL : quoted("&", pattern);
    }

    /** The line that makes such a user, with a placeholder for the password. */
    String setUser(String user) {
        Stream<String> signals = keys.journalStreams().isEmpty()
                ? Stream.concat(
                                Stream.of(unusedChannelRule()),
                                keys.channelPatterns().stream().map(this::channelRule))
                        .distinct()
                : journalRules().stream();
        return Stream.of(
                        Stream.of("ACL SETUSER", user, "on >PASSWORD resetkeys resetchannels -@all", canaryRule()),
                        keyRules().stream(),
                        signals,
                        commands.stream().map(RedisRight::rule))
                .flatMap(words -> words)
                .collect(Collectors.joining(" "));
    }

    private static byte[] withoutSpaces(byte[] pattern) {
        byte[] without = pattern.clone();
        for (int i = 0; i < without.length; i++) {
            if (isSpace(without[i])) {
                without[i] = '?';
            }
        }
        return without;
    }

    private static boolean hasSpace(byte[] pattern) {
        for (byte each : pattern) {
            if (isSpace(each)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSpace(byte each) {
        return each == 0 || each == ' ' || (each >= '\t' && each <= '\r');
    }

    /** As redis-cli reads it: quoted only where it must be. */
    private static String quoted(String head, byte[] pattern) {
        String word = new String(pattern, StandardCharsets.ISO_8859_1);
        if (word.matches("[!-~&&[^\"']]*")) {
            return head + word;
        }
        StringBuilder text = new StringBuilder("\"").append(head);
        for (byte each : pattern) {
            if (each <= ' ' || each > '~') {
                text.append("\\x%02x".formatted(each));
            } else {
                text.append(each == '"' || each == '\\' ? "\\" : "").append((char) each);
            }
        }
        return text.append('"').toString();
    }
}
