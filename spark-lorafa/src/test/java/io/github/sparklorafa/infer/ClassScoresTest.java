package io.github.sparklorafa.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.InScope;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.model.Classifier;
import io.github.sparklorafa.model.MicroBatch;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tape;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(InScope.class)
class ClassScoresTest {
  /** Reads its logits, as whole numbers shifted by 10, from the ids of each sequence. */
  private record Reading(int labels) implements Classifier {
    @Override
    public Tensor logits(int[] ids, int[] types, Sequences sequences) {
      float[] logits = new float[ids.length];
      for (int i = 0; i < ids.length; i++) {
        logits[i] = ids[i] - 10;
      }
      return Tensor.create(logits).view(sequences.count(), labels);
    }

    @Override
    public LossSum trainStep(MicroBatch batch, Tape tape) {
      throw new UnsupportedOperationException();
    }

    @Override
    public LossSum evaluate(MicroBatch batch) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<Parameter> parameters() {
      return List.of();
    }

    @Override
    public void close() {}
  }

  private static Map<String, Double> values(Objective.Kind kind, Example... rows) {
    int labels = rows[0].ids().length;
    ClassScores scores =
        new ClassScores(new Reading(labels), new Objective.Classification(labels, kind));
    for (Example row : rows) {
      scores.add(TokenBatch.of(List.of(row)));
    }
    ClassScores atOnce =
        new ClassScores(new Reading(labels), new Objective.Classification(labels, kind));
    atOnce.add(TokenBatch.of(List.of(rows)));
    assertThat(atOnce.numbers()).isEqualTo(scores.numbers());
    return ClassScores.values(scores.numbers());
  }

  @Test
  void theLikeliestClassIsSaid() {
    Map<String, Double> values =
        values(
            Objective.Kind.SINGLE_LABEL,
            Example.withNumbers(new int[] {9, 12, 11}, 1),
            Example.withNumbers(new int[] {8, 8, 8}, 0),
            Example.withNumbers(new int[] {13, 12, 14}, 0),
            Example.withNumbers(new int[] {3, 2, 4}, 2));
    assertThat(values).containsEntry("accuracy", 0.75).containsEntry("f1_micro", 0.75);
    assertThat(values.get("f1")).isEqualTo((2 / 3.0 + 1 + 2 / 3.0) / 3);
  }

  @Test
  void labelsAreSaidAboveOneHalf() {
    Map<String, Double> values =
        values(
            Objective.Kind.MULTI_LABEL,
            Example.withNumbers(new int[] {11, 9}, 1, 0),
            Example.withNumbers(new int[] {11, 12}, 1, 0),
            Example.withNumbers(new int[] {10, 15}, 0, 1));
    assertThat(values).containsEntry("accuracy", 2 / 3.0).containsEntry("f1_micro", 6 / 7.0);
  }

  @Test
  void numbersThatAreForetoldHaveNoClasses() {
    Objective.Classification regression =
        new Objective.Classification(1, Objective.Kind.REGRESSION);
    assertThat(ClassScores.hasClasses(regression)).isFalse();
    assertThat(ClassScores.hasClasses(new Objective.CausalLm())).isFalse();
    assertThatThrownBy(() -> new ClassScores(new Reading(1), regression))
        .hasMessageStartingWith("Cannot count classes: ");
  }
}
