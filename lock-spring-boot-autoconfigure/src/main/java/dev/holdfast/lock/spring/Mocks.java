package dev.holdfast.lock.spring;

import org.mockito.MockingDetails;
import org.mockito.Mockito;

/** Loaded only with Mockito on the class path, which is to say in a test. */
final class Mocks {

    private Mocks() {}

    /** One made by Mockito's inline maker is an instance of the mocked class itself, so no name tells. A spy runs the real methods. */
    static boolean isMock(Object bean) {
        MockingDetails details = Mockito.mockingDetails(bean);
        return details.isMock() && !details.isSpy();
    }
}
