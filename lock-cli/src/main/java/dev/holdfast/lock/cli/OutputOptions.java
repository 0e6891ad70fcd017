package dev.holdfast.lock.cli;

import picocli.CommandLine.Option;

/** For people or for programs. */
final class OutputOptions {

    @Option(names = "--json", description = "print JSON, one document or, of what goes on, one in each line")
    private boolean json;

    boolean json() {
        return json;
    }
}
