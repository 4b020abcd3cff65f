package io.github.sparklorafa.collective;

import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a worker tells the others of its Gloo sockets: one address for each of them, as text.
 *
 * <p>Native code takes the bytes of an address for what they should be, so they are looked at here.
 */
final class GlooOffer {
  /** A socket's address begins with its family. */
  private static final int FAMILY_BYTES = 2;

  private GlooOffer() {}

  /** Addresses by the rank that each is for. */
  static String text(Map<Integer, byte[]> addresses) {
    return addresses.entrySet().stream()
        .map(
            entry ->
                entry.getKey()
                    + "="
                    + Base64.getUrlEncoder().withoutPadding().encodeToString(entry.getValue()))
        .collect(Collectors.joining(","));
  }

  /**
   * The address that is for {@code rank}.
   *
   * @param own an address of this worker, which tells length and family
   * @throws IllegalArgumentException with the reason, if there is none
   */
  static byte[] address(String offer, int rank, byte[] own) {
    String key = rank + "=";
    for (String part : offer.split(",", -1)) {
      if (part.startsWith(key)) {
        byte[] address = Base64.getUrlDecoder().decode(part.substring(key.length()));
        if (address.length != own.length
            || !Arrays.equals(address, 0, FAMILY_BYTES, own, 0, FAMILY_BYTES)) {
          throw new IllegalArgumentException("its offer is no address like this worker's");
        }
        return address;
      }
    }
    throw new IllegalArgumentException("its offer has no place for this rank");
  }
}
