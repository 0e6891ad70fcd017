package dev.holdfast.lock.faults;

import dev.holdfast.lock.test.TcpLink;

/** The directions in which nothing gets through. */
enum Way {
    BOTH,
    TO_SERVER,
    TO_CLIENT;

    void pause(TcpLink link) {
        if (this != TO_CLIENT) {
            link.pauseToServer();
        }
        if (this != TO_SERVER) {
            link.pauseToClient();
        }
    }
}
