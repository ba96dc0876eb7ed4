/**
 * The least rights that each service needs, worked out from the settings: data in, data out.
 *
 * <p>{@link dev.tidemark.standalone.policy.KafkaPolicy} knows topics, groups and their ACLs, {@link
 * dev.tidemark.standalone.policy.BucketPolicy} what may be done to which objects. Redis's rights are capture's own knowledge.
 * Tests run the services with exactly these rights and compare them with the calls that are made.
 */
package dev.tidemark.standalone.policy;
