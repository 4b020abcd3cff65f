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
}
