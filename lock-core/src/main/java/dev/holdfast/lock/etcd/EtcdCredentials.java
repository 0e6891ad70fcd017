package dev.holdfast.lock.etcd;

/** Who logs in to etcd. Refuses a blank user and an empty password with an {@link IllegalArgumentException}. */
public record EtcdCredentials(String username, String password) {

    public EtcdCredentials {
        if (username.isBlank()) {
            throw new IllegalArgumentException("username is blank; give the name of a user of etcd");
        }
        if (password.isEmpty()) {
            throw new IllegalArgumentException(
                    "password of the user \"" + username + "\" is empty; give the one etcd knows");
        }
    }

    /** Never shows the password. */
    @Override
    public String toString() {
        return "EtcdCredentials[username=" + username + "]";
    }
}
