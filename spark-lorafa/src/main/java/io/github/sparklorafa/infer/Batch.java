package io.github.sparklorafa.infer;

import io.github.sparklorafa.model.AutoregressiveModel;
import io.github.sparklorafa.nn.KeyValueCache;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Texts that advance together, one pass of the model for a token of each. Without padding: prompts
 * are read beside texts that are being written, a long one over several passes.
 */
final class Batch implements AutoCloseable {
  /** Tokens of one pass, so that its activations stay small whatever the prompts are. */
  static final int MOST_TOKENS = 2048;

  private final AutoregressiveModel model;
  private final GenerationConfig config;
  private final NextToken next;
  private final List<Writing> active = new ArrayList<>();

  Batch(AutoregressiveModel model, GenerationConfig config) {
    this.model = model;
    this.config = config;
    this.next = new NextToken(config);
  }

  int size() {
    return active.size();
  }

  /** The batch owns the texts until they end. */
  void addAll(List<? extends Writing> texts) {
    active.addAll(texts);
  }

  /** One pass; those that end leave the batch. */
  void step() {
    List<Writing.Part> pass = new ArrayList<>();
    // One token is spared for each version behind the one that is asked, so that all go on.
    int spared = active.stream().mapToInt(Writing::versions).sum();
    int left = Math.max(MOST_TOKENS, spared);
    int[] firsts = new int[active.size()];
    for (int i = 0; i < active.size(); i++) {
      firsts[i] = pass.size();
      spared -= active.get(i).versions();
      List<Writing.Part> parts = active.get(i).pending(left - spared);
      pass.addAll(parts);
      left -= parts.stream().mapToInt(part -> part.ids().length).sum();
    }
    float[][] scores = scores(pass);
    for (int i = 0; i < active.size(); i++) {
      int end = firsts[i] + active.get(i).versions();
      active.get(i).advance(Arrays.copyOfRange(scores, firsts[i], end), next);
    }
    active.stream().filter(text -> text.completion() != null).forEach(Writing::close);
    active.removeIf(text -> text.completion() != null);
  }

  /** Logits of the token behind each part; a search asks for their log-probabilities. */
  private float[][] scores(List<Writing.Part> parts) {
    int[] offsets = new int[parts.size() + 1];
    for (int i = 0; i < parts.size(); i++) {
      offsets[i + 1] = offsets[i] + parts.get(i).ids().length;
    }
    int[] ids = parts.stream().map(Writing.Part::ids).flatMapToInt(Arrays::stream).toArray();
    List<KeyValueCache> caches = parts.stream().map(Writing.Part::cache).toList();
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor logits = model.nextLogits(ids, new Sequences(offsets), caches).to(ScalarType.Float);
      Tensor rows = config.beamSearch().isOn() ? torch.log_softmax(logits, 1) : logits;
      float[][] scores = new float[parts.size()][(int) rows.size(1)];
      for (int i = 0; i < scores.length; i++) {
        new FloatPointer(rows.select(0, i).data_ptr()).get(scores[i]);
      }
      return scores;
    }
  }

  @Override
  public void close() {
    active.forEach(Writing::close);
    active.clear();
  }
}
