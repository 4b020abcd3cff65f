package io.github.sparklorafa.train;

import io.github.sparklorafa.collective.WireDType;
import java.io.Serializable;
import java.util.List;
import java.util.stream.Stream;

/**
 * How workers keep in step.
 *
 * @param wireDtype numbers in which gradients travel between workers
 * @param syncEvery steps that each worker takes by itself before what is trained is averaged; 1
 *     means that gradients are summed in every step
 * @param transport that carries what travels
 */
public record Synchronisation(WireDType wireDtype, int syncEvery, Transport transport)
    implements Serializable {
  /** The names of the numbers. */
  public static final List<String> WIRE_DTYPES =
      Stream.of(WireDType.values()).map(Texts::of).toList();

  static final Synchronisation DEFAULT = new Synchronisation(WireDType.FP32, 1, Transport.AUTO);

  /**
   * The same with gradients in other numbers.
   *
   * @param text {@code fp32} or {@code bf16}
   * @throws IllegalArgumentException for another text
   */
  public Synchronisation withWireDtype(String text) {
    return new Synchronisation(
        Texts.parse(WireDType.class, "wire dtype", text), syncEvery, transport);
  }

  /** The same with so many steps between two averages. */
  public Synchronisation withEvery(int steps) {
    return new Synchronisation(wireDtype, steps, transport);
  }

  /** The same over another transport. */
  public Synchronisation with(Transport other) {
    return new Synchronisation(wireDtype, syncEvery, other);
  }

  /** The numbers' name on the command line. */
  public String wireText() {
    return Texts.of(wireDtype);
  }

  /** Numbers in which gradients travel, whether by their own flag or by the transport's. */
  WireDType gradientDtype() {
    return transport == Transport.BIGDL_FP16 ? WireDType.BF16 : wireDtype;
  }

  /** How often something is sent, in words. */
  public String often() {
    return syncEvery == 1 ? "a step" : "every %d steps".formatted(syncEvery);
  }

  /** Whether several workers take steps of their own. */
  boolean isLocal(int workers) {
    return syncEvery > 1 && workers > 1;
  }

  /**
   * Bytes that a worker gives to the all-reduce at a synchronisation: each trained number, and of
   * each step since the last one the sum of the losses and the count of their terms, in fp32.
   */
  public long bytes(long trained) {
    return trained * gradientDtype().bytes() + 2L * syncEvery * Float.BYTES;
  }
}
