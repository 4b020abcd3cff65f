package io.github.sparklorafa.infer;

import io.github.sparklorafa.data.LabelKind;
import io.github.sparklorafa.data.Prompts;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.model.AutoregressiveModel;
import io.github.sparklorafa.model.CausalModel;
import io.github.sparklorafa.model.Seq2SeqModel;
import io.github.sparklorafa.nn.KeyValueCache;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * Begins texts: a causal model goes on from the prompt, a model that reads and writes begins anew
 * after it has read the prompt as a whole.
 */
record Openings(
    AutoregressiveModel model, TextTokenizer tokenizer, GenerationConfig config, int positions) {
  /**
   * What a text begins with.
   *
   * @param ids of the prompt, at least one
   * @param row index that decides the random numbers
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Opening(int[] ids, long row) {}

  /** The ids of a prompt, with the special tokens that the model is used to. */
  int[] ids(String prompt) {
    LabelKind kind = model instanceof Seq2SeqModel ? LabelKind.WRITTEN : LabelKind.NEXT_TOKENS;
    return Prompts.of(kind).ids(tokenizer, prompt);
  }

  /** The texts, in the same order; the caller closes them. */
  List<Writing> begin(List<Opening> openings) {
    if (model instanceof Seq2SeqModel reader) {
      return read(reader, openings);
    }
    CausalModel causal = (CausalModel) model;
    return openings.stream()
        .map(opening -> writing(causal.newCache(), opening.ids(), opening.row()))
        .toList();
  }

  /** Reads prompts together, as far as they are not too long for that. */
  private List<Writing> read(Seq2SeqModel reader, List<Opening> openings) {
    List<Writing> texts = new ArrayList<>();
    int from = 0;
    while (from < openings.size()) {
      int tokens = openings.get(from).ids().length;
      int to = from + 1;
      while (to < openings.size() && tokens + openings.get(to).ids().length <= Batch.MOST_TOKENS) {
        tokens += openings.get(to++).ids().length;
      }
      List<Opening> together = openings.subList(from, to);
      List<KeyValueCache> caches = caches(reader, together);
      for (int i = 0; i < caches.size(); i++) {
        int[] start = {reader.startToken()};
        texts.add(writing(caches.get(i), start, together.get(i).row()));
      }
      from = to;
    }
    return texts;
  }

  private static List<KeyValueCache> caches(Seq2SeqModel reader, List<Opening> openings) {
    int[] offsets = new int[openings.size() + 1];
    for (int i = 0; i < openings.size(); i++) {
      offsets[i + 1] = offsets[i] + openings.get(i).ids().length;
    }
    int[] ids = openings.stream().map(Opening::ids).flatMapToInt(Arrays::stream).toArray();
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      return reader.read(ids, new Sequences(offsets));
    }
  }

  private Writing writing(KeyValueCache cache, int[] prompt, long row) {
    return config.beamSearch().isOn()
        ? new Beams(config, tokenizer, cache, prompt, positions)
        : new Sequence(config, tokenizer, cache, prompt, row, positions);
  }
}
