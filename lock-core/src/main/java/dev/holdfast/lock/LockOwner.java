package dev.holdfast.lock;

/**
 * Who put an entry, as the entry says.
 *
 * @param application name of the application
 * @param host name of the machine
 * @param pid process id
 * @param thread name of the thread that asked
 */
public record LockOwner(String application, String host, long pid, String thread) {}
