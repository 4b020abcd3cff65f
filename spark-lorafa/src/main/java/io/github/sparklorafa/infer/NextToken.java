package io.github.sparklorafa.infer;

import java.util.Arrays;
import java.util.BitSet;
import java.util.random.RandomGenerator;

/**
 * Chooses the next token from logits, with the arithmetic of transformers' logits processors
 * ({@code generation/logits_process.py}): repetition penalty, temperature, top-k, top-p, in this
 * order.
 */
final class NextToken {
  private static final float GONE = Float.NEGATIVE_INFINITY;

  private final GenerationConfig config;

  NextToken(GenerationConfig config) {
    this.config = config;
  }

  /**
   * The id of the next token; {@code random} is asked once, and only if sampling.
   *
   * @param logits {@code [vocabulary]}, overwritten
   * @param seen ids of the prompt and of what was written
   */
  int choose(float[] logits, BitSet seen, RandomGenerator random) {
    process(logits, seen);
    return config.isGreedy() ? largest(logits) : drawn(logits, random.nextDouble());
  }

  /** Overwrites {@code logits} with those that are chosen from; −∞ is out. */
  void process(float[] logits, BitSet seen) {
    penalise(logits, seen);
    if (config.isGreedy()) {
      return;
    }
    for (int id = 0; id < logits.length; id++) {
      logits[id] = (float) (logits[id] / config.temperature());
    }
    if (config.topK() > 0 && config.topK() < logits.length) {
      float least = kthLargest(logits, config.topK());
      for (int id = 0; id < logits.length; id++) {
        logits[id] = logits[id] < least ? GONE : logits[id];
      }
    }
    if (config.topP() < 1) {
      keepNucleus(logits);
    }
  }

  private void penalise(float[] logits, BitSet seen) {
    if (config.repetitionPenalty() == 1) {
      return;
    }
    float penalty = (float) config.repetitionPenalty();
    seen.stream()
        .forEach(id -> logits[id] = logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty);
  }

  /** A heap of the k largest so far, the least of them on top. */
  private static float kthLargest(float[] values, int k) {
    float[] heap = Arrays.copyOf(values, k);
    Arrays.sort(heap);
    for (int i = k; i < values.length; i++) {
      if (values[i] > heap[0]) {
        replaceTop(heap, values[i]);
      }
    }
    return heap[0];
  }

  private static void replaceTop(float[] heap, float value) {
    int at = 0;
    int child = 1;
    while (child < heap.length) {
      if (child + 1 < heap.length && heap[child + 1] < heap[child]) {
        child++;
      }
      if (value <= heap[child]) {
        break;
      }
      heap[at] = heap[child];
      at = child;
      child = 2 * at + 1;
    }
    heap[at] = value;
  }

  /**
   * Takes out the unlikeliest tokens that together have at most 1 − p. Tokens below (1 − p) /
   * vocabulary are certainly among them, so only the few others are sorted.
   */
  private void keepNucleus(float[] logits) {
    float max = logits[largest(logits)];
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - max);
    }
    double budget = (1 - config.topP()) * sum;
    double spent = 0;
    long[] others = new long[logits.length];
    int count = 0;
    for (int id = 0; id < logits.length; id++) {
      double weight = Math.exp(logits[id] - max);
      if (weight < budget / logits.length) {
        spent += weight;
        logits[id] = GONE;
      } else {
        others[count++] = (long) sortable(logits[id]) << 32 | id;
      }
    }
    Arrays.sort(others, 0, count);
    for (int i = 0; i < count - 1; i++) {
      int id = (int) others[i];
      spent += Math.exp(logits[id] - max);
      if (spent > budget) {
        return;
      }
      logits[id] = GONE;
    }
  }

  /** An int that orders as the float does. */
  private static int sortable(float value) {
    int bits = Float.floatToIntBits(value);
    return bits ^ ((bits >> 31) & Integer.MAX_VALUE);
  }

  private static int largest(float[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }

  /** The token under {@code fraction} of the summed probabilities, in the order of ids. */
  private static int drawn(float[] logits, double fraction) {
    int last = largest(logits);
    float max = logits[last];
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - max);
    }
    double left = fraction * sum;
    for (int id = 0; id < logits.length; id++) {
      if (logits[id] != GONE) {
        left -= Math.exp(logits[id] - max);
        if (left < 0) {
          return id;
        }
      }
    }
    return last;
  }
}
