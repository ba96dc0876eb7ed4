package dev.tidemark.standalone.policy;

import java.util.List;

/**
 * What one service may do to the objects whose keys begin so, below the source's own place in the bucket.
 *
 * @param actions as IAM spells them
 */
public record BucketRight(Service service, List<String> actions, List<String> below) {
    public BucketRight {
        actions = List.copyOf(actions);
        below = List.copyOf(below);
    }
}
