package io.github.sparklorafa.spark.transport;

import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * The first message on a connection: who calls, and proof that the rendezvous has told it whom.
 *
 * @param rank of the caller
 * @param size of the group, as the caller knows it
 * @param token of the one called
 */
record Greeting(int rank, int size, byte[] token) {
  private static final int MAGIC = 0x4c6f_4641;
  private static final int BYTES = 3 * Integer.BYTES + Offer.TOKEN_BYTES;

  ByteBuffer bytes() {
    return ByteBuffer.allocate(BYTES).putInt(MAGIC).putInt(rank).putInt(size).put(token).flip();
  }

  /**
   * Reads what a caller has sent.
   *
   * @throws IllegalArgumentException with the reason, if it's no greeting
   */
  static Greeting of(ByteBuffer bytes) {
    if (bytes.remaining() != BYTES || bytes.getInt() != MAGIC) {
      throw new IllegalArgumentException("no greeting of a worker");
    }
    Greeting greeting = new Greeting(bytes.getInt(), bytes.getInt(), new byte[Offer.TOKEN_BYTES]);
    bytes.get(greeting.token);
    return greeting;
  }

  /** Whether the token is that of the one called; takes as long in any case. */
  boolean knows(byte[] expected) {
    return MessageDigest.isEqual(token, expected);
  }
}
