package io.github.sparklorafa.collective;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.fuzz.Damaged;
import io.github.sparklorafa.fuzz.Limits;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Where workers listen for Gloo, as they tell each other; native code is given whole ones only. */
class GlooOfferProperties {
  /** As Gloo has them: a socket's address of 128 bytes, the family first, and a number. */
  private static final byte[] OWN = address(2, 4040, 77);

  private static byte[] address(int family, int port, int number) {
    byte[] bytes = new byte[136];
    bytes[0] = (byte) family;
    bytes[2] = (byte) (port >> 8);
    bytes[3] = (byte) port;
    bytes[4] = 127;
    bytes[7] = 1;
    bytes[128] = (byte) number;
    return bytes;
  }

  @Provide
  Arbitrary<String> offers() {
    Map<Integer, byte[]> offer = new LinkedHashMap<>();
    for (int peer = 0; peer < 3; peer++) {
      offer.put(peer, address(2, 4040 + peer, peer));
    }
    return Damaged.texts(List.of(GlooOffer.text(offer)), List.of("1=", "=", ",", ",1=AAAA"));
  }

  @Property(seed = "85")
  void offersOfGloo(@ForAll("offers") String text) {
    Limits.reads(
        () -> {
          byte[] address = GlooOffer.address(text, 1, OWN);
          assertThat(address).hasSameSizeAs(OWN);
          assertThat(Arrays.copyOf(address, 2)).isEqualTo(Arrays.copyOf(OWN, 2));
        },
        // The reason only: who connects says which worker's offer it is.
        IllegalArgumentException.class);
  }
}
