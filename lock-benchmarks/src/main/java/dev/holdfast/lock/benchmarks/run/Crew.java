package dev.holdfast.lock.benchmarks.run;

import dev.holdfast.lock.benchmarks.worker.Assignment.Task;

/**
 * The JVMs that a setting needs; settings that need the same are measured one after the other by the same ones. What looks at the heap
 * or opens sessions without number is for itself.
 *
 * @param alone what must not be together with anything else
 */
record Crew(int jvms, boolean virtual, int nodes, Object alone) {

    private static final String NOTHING = "nothing";

    static Crew of(Setting setting) {
        Object alone = NOTHING;
        if (setting.task() != Task.CYCLE) {
            alone = setting;
        } else if (setting.sessionPerThread() || setting.scenario() == Scenario.PROCESS_START) {
            alone = setting.scenario();
        }
        return new Crew(setting.jvms(), setting.virtual(), setting.nodes(), alone);
    }

    /** Whether its JVMs go on with the next round. */
    boolean stays() {
        return alone.equals(NOTHING);
    }
}
