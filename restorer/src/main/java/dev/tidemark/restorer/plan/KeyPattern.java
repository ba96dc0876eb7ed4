package dev.tidemark.restorer.plan;

import dev.tidemark.schemas.Bytes;

/**
 * A pattern as Redis's KEYS and SCAN read it, over bytes: {@code *}, {@code ?}, {@code [a-z]}, {@code [^a]}, and a
 * backslash before a character that is meant as it is.
 */
public record KeyPattern(Bytes pattern) {

    public boolean matches(Bytes key) {
        int p = 0;
        int k = 0;
        int star = -1;
        int starKey = 0;
        while (k < key.length()) {
            int next = p < pattern.length() && pattern.at(p) != '*' ? afterOne(p, key.at(k)) : -1;
            if (next >= 0) {
                p = next;
                k++;
            } else if (p < pattern.length() && pattern.at(p) == '*') {
                star = p++;
                starKey = k;
            } else if (star >= 0) {
                // The last star takes one byte more; an earlier one never needs to.
                p = star + 1;
                k = ++starKey;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.at(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /** Where the pattern goes on if what stands there takes the byte, or -1. */
    private int afterOne(int at, byte octet) {
        byte first = pattern.at(at);
        if (first == '?') {
            return at + 1;
        }
        if (first == '[') {
            return afterClass(at + 1, octet & 0xff);
        }
        boolean isEscaped = first == '\\' && at + 1 < pattern.length();
        int literal = isEscaped ? at + 1 : at;
        return pattern.at(literal) == octet ? literal + 1 : -1;
    }

    private int afterClass(int from, int octet) {
        int at = from;
        boolean isNegated = at < pattern.length() && pattern.at(at) == '^';
        if (isNegated) {
            at++;
        }
        boolean isFound = false;
        while (at < pattern.length() && pattern.at(at) != ']') {
            if (pattern.at(at) == '\\' && at + 1 < pattern.length()) {
                at++;
            }
            int low = pattern.at(at) & 0xff;
            int high = low;
            if (at + 2 < pattern.length() && pattern.at(at + 1) == '-') {
                high = pattern.at(at + 2) & 0xff;
                at += 2;
            }
            isFound |= Math.min(low, high) <= octet && octet <= Math.max(low, high);
            at++;
        }
        // A class that nobody closed ends with the pattern, as in Redis.
        return isFound == isNegated ? -1 : Math.min(at + 1, pattern.length());
    }
}
