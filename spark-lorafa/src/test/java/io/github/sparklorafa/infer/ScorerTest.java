package io.github.sparklorafa.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.LabelKind;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.model.Model.LossSum;
import io.github.sparklorafa.tensor.DType;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

class ScorerTest {
  private static AdaptedModel model(String name) throws URISyntaxException {
    Path folder = Path.of(ScorerTest.class.getResource("/reference/" + name).toURI());
    return AdaptedModel.open(folder, Optional.empty(), DType.FP32);
  }

  private static int[] ids(int length, int first) {
    return IntStream.range(0, length).map(i -> 3 + (first + 7 * i) % 90).toArray();
  }

  /** Labels of which some are ignored; one row has none but its first, which nothing predicts. */
  private static List<Example> texts() {
    int[] partly = ids(9, 2);
    partly[4] = Example.IGNORED;
    partly[8] = Example.IGNORED;
    int[] none = IntStream.range(0, 4).map(i -> i == 0 ? 5 : Example.IGNORED).toArray();
    return List.of(
        Example.of(ids(5, 1)),
        new Example(ids(9, 2), partly),
        Example.of(ids(2, 3)),
        new Example(ids(4, 4), none),
        Example.of(ids(17, 5)));
  }

  private static List<Example> answers() {
    return List.of(
        new Example(ids(3, 1), ids(6, 2), LabelKind.WRITTEN),
        new Example(ids(8, 3), ids(1, 4), LabelKind.WRITTEN),
        new Example(ids(2, 5), ids(4, 6), LabelKind.WRITTEN));
  }

  /** As alone, and together what training's evaluation adds up. */
  private static void assertEachAsAlone(String name, List<Example> rows) throws URISyntaxException {
    try (AdaptedModel adapted = model(name)) {
      Scorer scorer = new Scorer(adapted.writer());
      List<LossSum> together = scorer.score(rows);
      assertThat(together).hasSameSizeAs(rows);
      for (int i = 0; i < rows.size(); i++) {
        LossSum alone = scorer.score(rows.get(i));
        assertThat(together.get(i).sum()).isCloseTo(alone.sum(), within(1e-4));
        assertThat(together.get(i).terms()).isEqualTo(rows.get(i).lossTerms());
      }
      LossSum all = adapted.model().evaluate(ModelInput.of(TokenBatch.of(rows)));
      assertThat(together.stream().mapToDouble(LossSum::sum).sum())
          .isCloseTo(all.sum(), within(1e-5 * all.sum()));
      assertThat(together.stream().mapToLong(LossSum::terms).sum()).isEqualTo(all.terms());

      long objects = Pointer.totalCount();
      for (int i = 0; i < 20; i++) {
        assertThat(scorer.score(rows)).isEqualTo(together);
      }
      assertThat(Pointer.totalCount()).isEqualTo(objects);
    }
  }

  @Test
  void textsThatGoThroughTheModelTogether() throws URISyntaxException {
    assertEachAsAlone("llama-gqa", texts());
  }

  @Test
  void answersThatGoThroughTheModelTogether() throws URISyntaxException {
    assertEachAsAlone("t5-relu", answers());
    assertEachAsAlone("t5-gated", answers());
  }
}
