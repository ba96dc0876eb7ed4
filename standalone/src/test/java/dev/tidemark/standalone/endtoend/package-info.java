/**
 * The whole path on real servers, every service a process of its own that can be killed or paused, and the oracle as the
 * judge of what comes back.
 */
package dev.tidemark.standalone.endtoend;
