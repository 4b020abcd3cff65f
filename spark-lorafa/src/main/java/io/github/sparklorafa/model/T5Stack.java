package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Embedding;
import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.KeyValueCache;
import io.github.sparklorafa.nn.RelativePositionBias;
import io.github.sparklorafa.nn.RelativePositionBias.Direction;
import io.github.sparklorafa.nn.RmsNorm;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The encoder or the decoder of a T5.
 *
 * <pre>
 *   x = shared(ids)
 *   for each layer: x = x + self_attention(norm(x));  x = x + cross_attention(norm(x), read)
 *                   x = x + feed_forward(norm(x))
 *   final_layer_norm(x)
 * </pre>
 */
final class T5Stack {
  private final Embedding shared;
  private final RelativePositionBias bias;
  private final List<T5Layer> layers = new ArrayList<>();
  private final List<T5CrossAttention> crossAttentions = new ArrayList<>();
  private final RmsNorm finalLayerNorm;

  T5Stack(T5Config.Stack stack, Embedding shared, T5Parts make) {
    this.shared = shared;
    boolean writes = stack == T5Config.Stack.WRITES;
    bias =
        new RelativePositionBias(
            make.relativeAttentionBias(stack),
            writes ? Direction.BACKWARD : Direction.BOTH,
            make.config().relativeAttentionMaxDistance());
    for (int i = 0; i < make.config().layers(stack); i++) {
      List<T5Residual> attentions = new ArrayList<>();
      String self = stack.part(i, 0);
      attentions.add(
          new T5Residual(
              make.norm(self + T5Config.NORM),
              new T5SelfAttention(make, self + "SelfAttention.", i, bias.plan())));
      if (writes) {
        String cross = stack.part(i, 1);
        crossAttentions.add(new T5CrossAttention(make, cross + "EncDecAttention.", i));
        attentions.add(new T5Residual(make.norm(cross + T5Config.NORM), crossAttentions.get(i)));
      }
      String dense = stack.part(i, stack.feedForwardPart());
      layers.add(
          new T5Layer(
              attentions,
              new T5Residual(
                  make.norm(dense + T5Config.NORM),
                  new T5FeedForward(make, dense + "DenseReluDense."))));
    }
    finalLayerNorm = make.norm(stack.module() + ".final_" + T5Config.NORM);
  }

  /**
   * @param read whether what cross-attention sees has a gradient
   */
  GradientFlow plan(GradientFlow read) {
    GradientFlow gradient = shared.plan();
    for (T5Layer layer : layers) {
      gradient = layer.plan(gradient, read);
    }
    return finalLayerNorm.plan(gradient);
  }

  /**
   * {@code ids [tokens]} to {@code [tokens, dModel]}, owned by the caller, who closes it.
   *
   * @param read what cross-attention sees; null in the encoder
   */
  Tensor forward(Tensor ids, Sequences sequences, T5Pass.Read read, Tape tape) {
    try (Scope scope = new Scope()) {
      long longest = sequences.longest();
      return run(ids, new T5Pass(sequences, bias.pass(longest, longest), read, null), tape);
    }
  }

  /** The same for new tokens of the sequences in {@code caches}; keeps nothing. */
  Tensor forward(Tensor ids, Sequences sequences, List<KeyValueCache> caches) {
    try (Scope scope = new Scope()) {
      long longest = KeyValueCache.longest(sequences, caches);
      T5Pass pass = new T5Pass(sequences, bias.pass(sequences.longest(), longest), null, caches);
      return run(ids, pass, Tape.discarding());
    }
  }

  private Tensor run(Tensor ids, T5Pass pass, Tape tape) {
    Tensor x = Steps.owned(ids, shared::forward);
    for (T5Layer layer : layers) {
      x = Steps.consumed(x, input -> layer.forward(input, pass, tape));
    }
    return Steps.consumed(x, input -> finalLayerNorm.forward(input, tape));
  }

  /**
   * @param dy {@code [tokens, dModel]}, or null where nothing in here is trained
   * @param read as in the forward pass, its gradient added to
   */
  void backward(Tensor ids, Tensor dy, Sequences sequences, T5Pass.Read read, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor dx = dy == null ? null : finalLayerNorm.backward(dy, tape, null);
      if (dx == null) {
        return;
      }
      RelativePositionBias.Pass ofPass = bias.pass(sequences.longest(), sequences.longest());
      T5Pass pass = new T5Pass(sequences, ofPass, read, null);
      for (int i = layers.size() - 1; i >= 0 && dx != null; i--) {
        dx = layers.get(i).backward(dx, pass, tape);
      }
      ofPass.backward();
      if (dx != null) {
        shared.backward(ids, dx);
      }
    }
  }

  /** Puts what cross-attention sees of the encoder's {@code states} into caches. */
  void read(Tensor states, Sequences sequences, List<KeyValueCache> caches) {
    crossAttentions.forEach(attention -> attention.read(states, sequences, caches));
  }
}
