package io.github.sparklorafa.infer;

import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.model.Labels;
import io.github.sparklorafa.model.MicroBatch;
import io.github.sparklorafa.nn.Sequences;

/** Rows of data in the form in which a model takes them. */
public final class ModelInput {
  private ModelInput() {}

  /** The micro-batch that a model takes, without a copy. */
  public static MicroBatch of(TokenBatch batch) {
    Labels labels =
        switch (batch.kind()) {
          case NEXT_TOKENS, SAME_TOKENS -> new Labels.Tokens(batch.targets());
          case WRITTEN -> new Labels.Written(batch.targets(), new Sequences(batch.targetOffsets()));
          case NUMBERS ->
              new Labels.Numbers(batch.numbers(), batch.targets().length / batch.sequences());
        };
    return new MicroBatch(batch.ids(), batch.types(), new Sequences(batch.offsets()), labels);
  }
}
