package io.github.sparklorafa.infer;

import io.github.sparklorafa.model.CausalModel;
import io.github.sparklorafa.nn.KeyValueCache;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Sequences that advance together, one pass of the model for a token of each. Without padding:
 * prompts are read beside texts that are being written, a long one over several passes.
 */
final class Batch implements AutoCloseable {
  /** Tokens of one pass, so that its activations stay small whatever the prompts are. */
  private static final int MOST_TOKENS = 2048;

  private final CausalModel model;
  private final NextToken next;
  private final List<Sequence> active = new ArrayList<>();

  Batch(CausalModel model, GenerationConfig config) {
    this.model = model;
    this.next = new NextToken(config);
  }

  int size() {
    return active.size();
  }

  /** The batch owns the sequence until it ends. */
  void add(Sequence sequence) {
    active.add(sequence);
  }

  /** One pass; those that end leave the batch. */
  void step() {
    List<Sequence> inPass = new ArrayList<>();
    List<int[]> parts = new ArrayList<>();
    int left = Math.max(MOST_TOKENS, active.size());
    for (int i = 0; i < active.size(); i++) {
      // One token is spared for each sequence behind this one, so that all go on.
      int[] part = active.get(i).pending(left - (active.size() - 1 - i));
      inPass.add(active.get(i));
      parts.add(part);
      left -= part.length;
    }
    float[][] logits = logits(parts, inPass.stream().map(Sequence::cache).toList());
    for (int i = 0; i < inPass.size(); i++) {
      if (inPass.get(i).isRead()) {
        inPass.get(i).advance(logits[i], next);
      }
    }
    active.stream().filter(sequence -> sequence.completion() != null).forEach(Sequence::close);
    active.removeIf(sequence -> sequence.completion() != null);
  }

  private float[][] logits(List<int[]> parts, List<KeyValueCache> caches) {
    int[] offsets = new int[parts.size() + 1];
    for (int i = 0; i < parts.size(); i++) {
      offsets[i + 1] = offsets[i] + parts.get(i).length;
    }
    int[] ids = parts.stream().flatMapToInt(Arrays::stream).toArray();
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor rows = model.nextLogits(ids, new Sequences(offsets), caches).to(ScalarType.Float);
      float[][] logits = new float[parts.size()][(int) rows.size(1)];
      for (int i = 0; i < logits.length; i++) {
        new FloatPointer(rows.select(0, i).data_ptr()).get(logits[i]);
      }
      return logits;
    }
  }

  @Override
  public void close() {
    active.forEach(Sequence::close);
    active.clear();
  }
}
