/** The command line: runs a command under a lock, shows who holds what, elects. Uses the contract only. */
@NullMarked
package dev.holdfast.lock.cli;

import org.jspecify.annotations.NullMarked;
