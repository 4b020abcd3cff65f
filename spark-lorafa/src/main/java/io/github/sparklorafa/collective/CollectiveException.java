package io.github.sparklorafa.collective;

/**
 * A sum over workers that did not come about, because another worker was lost, late or stopped.
 *
 * <p>The cause lies outside this worker: running the same again on other machines may succeed.
 */
public final class CollectiveException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CollectiveException(String message) {
    super(message);
  }

  public CollectiveException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Nobody can listen on this machine's address. */
  public static CollectiveException cannotListen(String address, String why, Exception cause) {
    return new CollectiveException(
        String.format(
            "Cannot listen on %s: %s (check SPARK_LOCAL_IP and the host's name resolution)",
            address, why),
        cause);
  }

  /**
   * A rank can't reach another.
   *
   * @param peer its name
   * @param cause null if there is none
   */
  public static CollectiveException cannotConnect(
      int rank, String peer, String why, Exception cause) {
    return new CollectiveException(
        String.format(
            "Cannot connect rank %d to %s: %s (the workers must reach each other on any port)",
            rank, peer, why),
        cause);
  }
}
