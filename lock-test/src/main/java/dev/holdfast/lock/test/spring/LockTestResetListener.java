package dev.holdfast.lock.test.spring;

import dev.holdfast.lock.test.control.LockTestControl;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.TestExecutionListener;

/** Contexts outlive tests: what one did to the locks must not reach the next. One at the same time would be disturbed by it. */
final class LockTestResetListener implements TestExecutionListener {

    @Override
    public void afterTestMethod(TestContext test) {
        if (test.hasApplicationContext()) {
            test.getApplicationContext().getBeanProvider(LockTestControl.class, false).stream()
                    .forEach(LockTestControl::reset);
        }
    }
}
