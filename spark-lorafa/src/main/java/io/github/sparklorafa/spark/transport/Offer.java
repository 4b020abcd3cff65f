package io.github.sparklorafa.spark.transport;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
  private static final int MOST_PORT = 65_535;

  /** Sixteen bytes in base 64, an address without white space, a port. */
  private static final Pattern TEXT = Pattern.compile("([\\w-]{22})@(\\S+)#(\\d{1,5})");

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
    Matcher offer = TEXT.matcher(text);
    if (offer.matches()) {
      int port = Integer.parseInt(offer.group(3));
      byte[] token = Base64.getUrlDecoder().decode(offer.group(1));
      if (port > 0 && port <= MOST_PORT && token.length == TOKEN_BYTES) {
        return new Offer(offer.group(2), port, token);
      }
    }
    throw new IllegalArgumentException("its offer isn't one");
  }

  /** Without the token, which has no place in logs. */
  @Override
  public String toString() {
    return host + ":" + port;
  }
}
