package io.github.sparklorafa.train;

import io.github.sparklorafa.model.T5Config;
import io.github.sparklorafa.model.T5Config.FeedForward;
import io.github.sparklorafa.nn.Recompute;
import io.github.sparklorafa.train.TapeMoments.Held;
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
 * recompute mlp: without {@code f}, the part's ranks and its norm's 4 bytes; layer: {@code eD} for
 * each layer, and the encoder's output once. lora, beside it, the inputs of all linear layers, of
 * which the encoder's output is one for all layers of the decoder and relu's output is kept anyway;
 * full as lora, without e · r. Below the lowest trained layer nothing is kept. The bias by position
 * is made again and not kept.
 */
final class T5Tape {
  private static final int ROW_STATISTIC = Float.BYTES;

  private final T5Config model;
  private final TrainedModules modules;
  private final Recompute recompute;
  private final long element;

  private final TapeMoments moments = new TapeMoments();
  private boolean flows;

  private T5Tape(T5Config model, TrainedModules modules, long element, Recompute recompute) {
    this.model = model;
    this.modules = modules;
    this.element = element;
    this.recompute = recompute;
  }

  static List<TapeMoments.Held> moments(
      T5Config model, TrainedModules modules, long element, Recompute recompute) {
    return new T5Tape(model, modules, element, recompute).count();
  }

  private List<TapeMoments.Held> count() {
    flows = modules.whole("shared");
    boolean biased = modules.whole("encoder.block.0.layer.0.SelfAttention.relative_attention_bias");
    for (int i = 0; i < model.numLayers(); i++) {
      countEncoderLayer("encoder.block." + i + ".layer.", biased);
    }
    moments.keep(ofRead(norm("encoder.final_layer_norm")));
    boolean states = flows;

    flows = modules.whole("shared");
    biased = modules.whole("decoder.block.0.layer.0.SelfAttention.relative_attention_bias");
    boolean statesThere = recomputable(states);
    for (int i = 0; i < model.numDecoderLayers(); i++) {
      statesThere |=
          countDecoderLayer("decoder.block." + i + ".layer.", biased, states, statesThere);
    }
    moments.keep(ofWritten(norm("decoder.final_layer_norm")));
    return moments.all();
  }

  private static Held ofRead(long bytes) {
    return new Held(bytes, 0, 0);
  }

  private static Held ofWritten(long bytes) {
    return new Held(0, bytes, 0);
  }

  private void countEncoderLayer(String layer, boolean biased) {
    long attention = selfAttention(layer + "0.", biased);
    Wide wide = feedForward(layer + "1.");
    moments.keep(ofRead(kept(attention, wide)), ofRead(attention + wide.bytes()));
  }

  /**
   * @param states whether the encoder's output has a gradient
   * @param there whether it need not be kept, because it is or can be made again
   * @return whether it is kept now
   */
  private boolean countDecoderLayer(String layer, boolean biased, boolean states, boolean there) {
    long attention = selfAttention(layer + "0.", biased);
    Held cross = crossAttention(layer + "1.", states);
    Wide wide = feedForward(layer + "2.");
    attention += cross.written();
    Held written = ofWritten(kept(attention, wide));
    Held again = ofWritten(attention + wide.bytes()).plus(ofRead(cross.token()));

    String projections = layer + "1.EncDecAttention.";
    boolean needed = modules.needsInput(projections + "k") || modules.needsInput(projections + "v");
    boolean whole = recompute.includes(Recompute.LAYER);
    boolean keeps = !there && (whole ? flows : needed);
    Held input = ofRead(element * model.dModel());
    Held kept = whole ? written : written.plus(ofRead(cross.token()));
    moments.keep(keeps ? kept.plus(input) : kept, !there && needed ? again.plus(input) : again);
    return keeps;
  }

  /** What a layer keeps whose attention and feed-forward part would keep so much. */
  private long kept(long attention, Wide wide) {
    long input = element * model.dModel();
    if (recompute.includes(Recompute.LAYER)) {
      return flows ? input : 0;
    }
    if (recompute.includes(Recompute.MLP)) {
      return attention + (wide.flows() ? input : 0);
    }
    return attention + wide.bytes();
  }

  /**
   * A feed-forward part.
   *
   * @param bytes it keeps
   * @param flows whether its output has a gradient, beside what runs around it
   */
  private record Wide(long bytes, boolean flows) {}

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

  /** What is kept of both texts, but for the encoder's output. */
  private Held crossAttention(String part, boolean states) {
    String attention = part + "EncDecAttention.";
    boolean before = flows;
    long written = norm(part + "layer_norm");
    boolean branch = flows;
    written += input(model.dModel(), recomputable(branch), attention + "q");
    long read = ranks(attention + "k", attention + "v");
    boolean scores =
        branch || states || modules.trained(attention + "q") || modules.trained(attention + "k");
    boolean mixed = scores || modules.trained(attention + "v");
    written += mixed ? element * model.innerDim() : 0;
    read += mixed ? element * model.innerDim() * (scores ? 2 : 1) : 0;
    written += input(model.innerDim(), false, attention + "o");
    flows = before || mixed || modules.trained(attention + "o");
    return new Held(read, written, 0);
  }

  private Wide feedForward(String part) {
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
    boolean there = activated && (!gated || recompute.includes(Recompute.ELEMENTWISE));
    bytes += input(model.dFf(), there, dense + "wo");
    boolean output = activated || modules.trained(dense + "wo");
    flows = before || output;
    return new Wide(bytes, output);
  }

  /** A norm's input and row statistic; its output has a gradient if they are kept. */
  private long norm(String norm) {
    flows |= modules.whole(norm);
    return flows ? element * model.dModel() + ROW_STATISTIC : 0;
  }

  /** Whether an input need not be kept: what it was made from is, and is worth the work. */
  private boolean recomputable(boolean originKept) {
    return originKept && recompute.includes(Recompute.ELEMENTWISE);
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
