package io.github.sparklorafa.train;

import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.T5Config;
import io.github.sparklorafa.model.T5Config.FeedForward;
import io.github.sparklorafa.tensor.DType;
import java.util.Arrays;
import java.util.List;

/**
 * What the tape of a T5 holds for each token that is read and for each that is written, as a
 * formula: known before the first step, and equal to what the tape counts.
 *
 * <p>With every linear layer adapted, {@code e} bytes a number, {@code D} dModel, {@code I} the
 * width of all heads, {@code F} dFf, {@code f} the activation's inputs ({@code F} for relu, {@code
 * 2F} for gated GELU) and rank {@code r}, lora-fa keeps
 *
 * <pre>
 *   a layer of the encoder   read      e (2D + 3I + f + 6r) + 8       7r where gated
 *   a layer of the decoder   written   e (3D + 4I + f + 8r) + 12      9r where gated
 *                            read      e (2I + 2r)                    keys and values of what was read
 *   the last norms                     e D + 4 each
 * </pre>
 *
 * lora, beside it, the inputs of all linear layers, of which the encoder's output is one for all
 * layers of the decoder and relu's output is kept anyway; full as lora, without e · r. Below the
 * lowest trained layer nothing is kept. The bias by position is made again and not kept.
 */
final class T5TapePlan {
  private static final int ROW_STATISTIC = Float.BYTES;

  private final T5Config model;
  private final TrainedModules modules;
  private final Recompute recompute;
  private final long element;

  private boolean flows;
  private long read;
  private long written;

  private T5TapePlan(
      T5Config model, Method method, AdapterConfig adapter, DType dtype, Recompute recompute) {
    this.model = model;
    this.modules = new TrainedModules(method, adapter);
    this.element = dtype.bytes();
    this.recompute = recompute;
  }

  /** Bytes that the tape holds at most for each token that is read and for each written one. */
  record Bytes(long read, long written) {}

  static Bytes of(
      T5Config model, Method method, AdapterConfig adapter, DType dtype, Recompute recompute) {
    return new T5TapePlan(model, method, adapter, dtype, recompute).count();
  }

  private Bytes count() {
    flows = modules.whole("shared");
    boolean biased = modules.whole("encoder.block.0.layer.0.SelfAttention.relative_attention_bias");
    for (int i = 0; i < model.numLayers(); i++) {
      String layer = "encoder.block." + i + ".layer.";
      read += selfAttention(layer + "0.", biased);
      read += feedForward(layer + "1.");
    }
    read += norm("encoder.final_layer_norm");
    boolean states = flows;

    flows = modules.whole("shared");
    biased = modules.whole("decoder.block.0.layer.0.SelfAttention.relative_attention_bias");
    boolean statesNeeded = false;
    for (int i = 0; i < model.numDecoderLayers(); i++) {
      String layer = "decoder.block." + i + ".layer.";
      written += selfAttention(layer + "0.", biased);
      crossAttention(layer + "1.", states);
      String cross = layer + "1.EncDecAttention.";
      statesNeeded |= modules.needsInput(cross + "k") || modules.needsInput(cross + "v");
      written += feedForward(layer + "2.");
    }
    read += statesNeeded && !recomputable(states) ? element * model.dModel() : 0;
    written += norm("decoder.final_layer_norm");
    return new Bytes(read, written);
  }

  private long selfAttention(String part, boolean biased) {
    String attention = part + "SelfAttention.";
    boolean before = flows;
    long bytes = norm(part + "layer_norm");
    boolean branch = flows;
    bytes +=
        input(
            model.dModel(),
            recomputable(branch),
            attention + "q",
            attention + "k",
            attention + "v");
    boolean scores =
        branch || biased || modules.trained(attention + "q") || modules.trained(attention + "k");
    boolean mixed = scores || modules.trained(attention + "v");
    bytes += mixed ? element * model.innerDim() * (scores ? 3 : 2) : 0;
    bytes += input(model.innerDim(), false, attention + "o");
    flows = before || mixed || modules.trained(attention + "o");
    return bytes;
  }

  /** Adds what is kept of both texts. */
  private void crossAttention(String part, boolean states) {
    String attention = part + "EncDecAttention.";
    boolean before = flows;
    written += norm(part + "layer_norm");
    boolean branch = flows;
    written += input(model.dModel(), recomputable(branch), attention + "q");
    read += ranks(attention + "k", attention + "v");
    boolean scores =
        branch || states || modules.trained(attention + "q") || modules.trained(attention + "k");
    boolean mixed = scores || modules.trained(attention + "v");
    written += mixed ? element * model.innerDim() : 0;
    read += mixed ? element * model.innerDim() * (scores ? 2 : 1) : 0;
    written += input(model.innerDim(), false, attention + "o");
    flows = before || mixed || modules.trained(attention + "o");
  }

  private long feedForward(String part) {
    String dense = part + "DenseReluDense.";
    boolean gated = model.feedForwardProj() == FeedForward.GATED_GELU;
    boolean before = flows;
    long bytes = norm(part + "layer_norm");
    boolean branch = flows;
    String[] wide =
        gated ? new String[] {dense + "wi_0", dense + "wi_1"} : new String[] {dense + "wi"};
    bytes += input(model.dModel(), recomputable(branch), wide);
    boolean activated = branch || Arrays.stream(wide).anyMatch(modules::trained);
    bytes += activated ? element * model.dFf() * wide.length : 0;
    // What relu gave is kept by relu itself.
    boolean there = activated && (!gated || recompute == Recompute.ELEMENTWISE);
    bytes += input(model.dFf(), there, dense + "wo");
    flows = before || activated || modules.trained(dense + "wo");
    return bytes;
  }

  /** A norm's input and row statistic; its output has a gradient if they are kept. */
  private long norm(String norm) {
    flows |= modules.whole(norm);
    return flows ? element * model.dModel() + ROW_STATISTIC : 0;
  }

  /** Whether an input need not be kept: what it was made from is, and is worth the work. */
  private boolean recomputable(boolean originKept) {
    return originKept && recompute == Recompute.ELEMENTWISE;
  }

  /** The input that {@code projections} share, and rank numbers for each that is adapted. */
  private long input(long width, boolean there, String... projections) {
    boolean needed = Arrays.stream(projections).anyMatch(modules::needsInput);
    return (needed && !there ? element * width : 0) + ranks(projections);
  }

  private long ranks(String... projections) {
    return element * modules.ranks(List.of(projections));
  }
}
