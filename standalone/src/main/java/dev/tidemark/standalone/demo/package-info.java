/**
 * The demonstration: real servers on this machine, a disaster, a restore, the proof. It runs the same commands that a user
 * would type, and says each before it runs it.
 */
package dev.tidemark.standalone.demo;
