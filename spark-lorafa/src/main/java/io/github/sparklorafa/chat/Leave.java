package io.github.sparklorafa.chat;

/** Leaves the body of a loop: {@code break} or {@code continue}. */
final class Leave extends RuntimeException {
  private static final long serialVersionUID = 1L;
  static final Leave BREAK = new Leave();
  static final Leave CONTINUE = new Leave();

  private Leave() {
    super(null, null, false, false);
  }
}
