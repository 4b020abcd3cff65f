package io.github.sparklorafa.spark.transport;

import java.security.SecureRandom;
import java.util.Base64;

/**
 * Where a worker listens, and the word by which its peers are told from strangers.
 *
 * <p>The token is random, for this worker and this attempt only, and travels over Spark's RPC. It
 * keeps strangers out where Spark doesn't authenticate; it is no secret from who reads the network.
 *
 * @param host address
 * @param port of the server
 * @param token 16 bytes
 */
record Offer(String host, int port, byte[] token) {
  static final int TOKEN_BYTES = 16;

  static byte[] newToken() {
    byte[] token = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(token);
    return token;
  }

  /** One line of text without spaces. */
  String text() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token) + "@" + host + "#" + port;
  }

  /**
   * The inverse of {@link #text}.
   *
   * @throws IllegalArgumentException if it isn't an offer
   */
  static Offer of(String text) {
    int at = text.indexOf('@');
    int number = text.lastIndexOf('#');
    if (at < 0 || number < at) {
      throw new IllegalArgumentException("its offer isn't one");
    }
    return new Offer(
        text.substring(at + 1, number),
        Integer.parseInt(text.substring(number + 1)),
        Base64.getUrlDecoder().decode(text.substring(0, at)));
  }

  /** Without the token, which has no place in logs. */
  @Override
  public String toString() {
    return host + ":" + port;
  }
}
