package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.Operators;
import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The output head {@code logits = x Wᵀ + b} and the cross-entropy of its logits in one, chunk by
 * chunk of tokens: loss and the gradient of {@code x} come out of the forward pass together, so
 * nothing of vocabulary width outlives a chunk. Tokens whose target is {@value #IGNORED} cost
 * nothing. The loss and its gradient are sums over tokens, not means, so that they add up over
 * micro-batches and workers.
 */
public final class ChunkedCrossEntropy {
  /** The target that means: no loss here. */
  public static final int IGNORED = -100;

  /** Half as many rows take half the memory, and the products are as fast. */
  private static final int CHUNK = 128;

  private static final int SOFTMAX_ROWS = 16;

  private final Parameter head;
  private final Parameter bias;
  private GradientFlow input = GradientFlow.STOPS;

  /** With the head's {@code weight [vocabulary, features]}. */
  public ChunkedCrossEntropy(Parameter head) {
    this(head, null);
  }

  /**
   * The same with a bias.
   *
   * @param bias {@code [vocabulary]}, or null for none
   */
  public ChunkedCrossEntropy(Parameter head, Parameter bias) {
    this.head = head;
    this.bias = bias;
  }

  /**
   * A sum of losses.
   *
   * @param sum of the negative log-likelihoods, in nats
   * @param terms that were added
   * @param inputGradient {@code [tokens, features]} of the sum, or null
   */
  public record Loss(double sum, long terms, Tensor inputGradient) {}

  /** See {@link Projection#plan}. */
  public GradientFlow plan(GradientFlow input) {
    this.input = input;
    head.addUser();
    if (bias != null) {
      bias.addUser();
    }
    return input.orTrained(head).orTrained(bias);
  }

  /** The logits of {@code x [tokens, features]}, {@code [tokens, vocabulary]}. */
  public Tensor logits(Tensor x) {
    try (Scope scope = new Scope()) {
      Tensor logits = Operators.mm(x, head.value().t());
      return scope.keep(bias == null ? logits : logits.add_(bias.value()));
    }
  }

  /**
   * Loss of {@code x [tokens, features]} against {@code targets [tokens]}, with its gradient; a
   * trainable head's is added.
   */
  public Loss forwardAndBackward(Tensor x, int[] targets) {
    Loss loss = run(x, targets, true);
    head.userDone();
    if (bias != null) {
      bias.userDone();
    }
    return loss;
  }

  /** The loss alone. */
  public Loss evaluate(Tensor x, int[] targets) {
    return run(x, targets, false);
  }

  /** The loss of each token alone [tokens], in nats; 0 where the target is {@value #IGNORED}. */
  public float[] losses(Tensor x, int[] targets) {
    try (Scope scope = new Scope()) {
      int[] terms = terms(targets);
      Tensor workspace = Buffers.empty(ScalarType.Float, SOFTMAX_ROWS, head.value().size(0));
      float[] losses = new float[targets.length];
      for (int start = 0; start < terms.length; start += CHUNK) {
        int end = Math.min(start + CHUNK, terms.length);
        addLosses(x, targets, Arrays.copyOfRange(terms, start, end), workspace, losses);
      }
      return losses;
    }
  }

  private void addLosses(Tensor x, int[] targets, int[] rows, Tensor workspace, float[] losses) {
    try (Scope scope = new Scope()) {
      Tensor logits = logits(x.index_select(0, longs(IntStream.of(rows).asLongStream().toArray())));
      Tensor target =
          longs(IntStream.of(rows).mapToLong(row -> targets[row]).toArray()).unsqueeze(1);
      for (int start = 0; start < rows.length; start += SOFTMAX_ROWS) {
        int count = Math.min(SOFTMAX_ROWS, rows.length - start);
        Tensor logProbabilities = workspace.narrow(0, 0, count);
        torch.log_softmax_out(
            logProbabilities, logProbabilities.copy_(logits.narrow(0, start, count)), 1);
        float[] read = new float[count];
        Tensor found = logProbabilities.gather(1, target.narrow(0, start, count)).contiguous();
        new FloatPointer(found.data_ptr()).get(read);
        for (int i = 0; i < count; i++) {
          losses[rows[start + i]] = -read[i];
        }
      }
    }
  }

  private static int[] terms(int[] targets) {
    return IntStream.range(0, targets.length).filter(i -> targets[i] != IGNORED).toArray();
  }

  private Loss run(Tensor x, int[] targets, boolean training) {
    try (Scope scope = new Scope()) {
      boolean wantsGradient = training && input.flows();
      int[] terms = terms(targets);
      Tensor gradient = wantsGradient ? Buffers.emptyLike(x).zero_() : null;
      Tensor workspace = Buffers.empty(ScalarType.Float, SOFTMAX_ROWS, head.value().size(0));
      double sum = 0;
      for (int start = 0; start < terms.length; start += CHUNK) {
        int rows = Math.min(CHUNK, terms.length - start);
        sum +=
            chunk(
                x,
                targets,
                IntStream.of(terms).skip(start).limit(rows).toArray(),
                gradient,
                training,
                workspace);
      }
      return new Loss(sum, terms.length, wantsGradient ? scope.keep(gradient) : null);
    }
  }

  private double chunk(
      Tensor x, int[] targets, int[] rows, Tensor gradient, boolean training, Tensor workspace) {
    try (Scope scope = new Scope()) {
      Tensor index = longs(IntStream.of(rows).asLongStream().toArray());
      Tensor target =
          longs(IntStream.of(rows).mapToLong(row -> targets[row]).toArray()).unsqueeze(1);
      Tensor chunk = x.index_select(0, index);
      Tensor logits = logits(chunk);
      double sum = 0;
      for (int start = 0; start < rows.length; start += SOFTMAX_ROWS) {
        int count = Math.min(SOFTMAX_ROWS, rows.length - start);
        sum +=
            softmax(
                logits.narrow(0, start, count),
                target.narrow(0, start, count),
                training,
                workspace.narrow(0, 0, count));
      }
      if (training && head.trainable()) {
        head.addGradient(logits.t().mm(chunk), 1);
      }
      if (training && bias != null && bias.trainable()) {
        bias.addGradient(logits.sum(0), 1);
      }
      if (gradient != null) {
        gradient.index_copy_(0, index, logits.mm(head.value()));
      }
      return sum;
    }
  }

  /**
   * Returns the loss of {@code logits [rows, vocabulary]} and, in training, overwrites them with
   * their gradient {@code p − 1(target)}.
   *
   * @param logProbabilities overwritten, fp32 of the logits' shape
   */
  private static double softmax(
      Tensor logits, Tensor target, boolean training, Tensor logProbabilities) {
    try (Scope scope = new Scope()) {
      torch.log_softmax_out(logProbabilities, logProbabilities.copy_(logits), 1);
      double loss = -logProbabilities.gather(1, target).sum().item_float();
      if (training) {
        Tensor probabilities = logProbabilities.exp_();
        probabilities.scatter_add_(
            1, target, torch.full_like(target, Scalars.of(-1)).to(ScalarType.Float));
        logits.copy_(probabilities);
      }
      return loss;
    }
  }

  private static Tensor longs(long[] values) {
    return Tensor.create(values);
  }
}
