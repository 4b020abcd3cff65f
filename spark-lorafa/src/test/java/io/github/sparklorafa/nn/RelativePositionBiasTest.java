package io.github.sparklorafa.nn;

import static io.github.sparklorafa.TensorAssert.assertBitEqual;
import static io.github.sparklorafa.TensorAssert.assertCloseToLargest;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.nn.RelativePositionBias.Direction;
import io.github.sparklorafa.tensor.DType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(InScope.class)
class RelativePositionBiasTest {
  private static final int BUCKETS = 8;
  private static final int HEADS = 3;
  private static final int MAX_DISTANCE = 20;

  /** See make_t5.py: distances from −300 to 300. */
  @Test
  void bucketsAreThoseOfTransformers() throws IOException {
    JsonNode json =
        new ObjectMapper().readTree(getClass().getResource("/reference/t5-buckets.json"));
    assertThat(json.get("cases")).hasSize(5);
    for (JsonNode the : json.get("cases")) {
      Direction direction =
          the.get("bidirectional").asBoolean() ? Direction.BOTH : Direction.BACKWARD;
      List<Long> expected = new ArrayList<>();
      List<Long> actual = new ArrayList<>();
      for (int i = 0; i < the.get("of").size(); i++) {
        expected.add(the.get("of").get(i).asLong());
        actual.add(
            RelativePositionBias.bucket(
                json.get("first").asLong() + i,
                direction,
                the.get("buckets").asLong(),
                the.get("max_distance").asInt()));
      }
      assertThat(actual).as("%s, %s", the.get("buckets"), direction).isEqualTo(expected);
    }
  }

  /** The longest sequence, a shorter one, several blocks of rows, and new rows behind a cache. */
  @ParameterizedTest
  @CsvSource({
    "BOTH, 7, 7, 0, 7",
    "BOTH, 7, 3, 0, 3",
    "BOTH, 600, 256, 256, 600",
    "BOTH, 600, 44, 512, 556",
    "BACKWARD, 1, 1, 0, 1",
    "BACKWARD, 7, 7, 0, 7",
    "BACKWARD, 9, 1, 8, 9",
    "BACKWARD, 9, 2, 4, 6",
    "BACKWARD, 300, 44, 256, 300"
  })
  void addsTheTableByDistance(Direction direction, int longest, int rows, int position, int keys) {
    Tensor table = Tensors.random(DType.FP32, BUCKETS, HEADS);
    RelativePositionBias bias =
        new RelativePositionBias(Tensors.frozen(table), direction, MAX_DISTANCE);
    Tensor scores = Tensors.random(DType.FP32, HEADS, rows, keys);
    Tensor expected = scores.add(formula(table, direction, rows, position, keys));
    bias.pass(direction == Direction.BACKWARD && longest == 9 ? rows : longest, longest)
        .add(scores, position);
    assertBitEqual("scores", scores, expected);
  }

  private static Tensor formula(
      Tensor table, Direction direction, int rows, int position, int keys) {
    float[] bias = new float[HEADS * rows * keys];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < keys; j++) {
        int distance = j - position - i;
        long bucket = RelativePositionBias.bucket(distance, direction, BUCKETS, MAX_DISTANCE);
        for (int h = 0; h < HEADS; h++) {
          bias[(h * rows + i) * keys + j] =
              direction == Direction.BACKWARD && distance > 0
                  ? Float.NEGATIVE_INFINITY
                  : table.select(0, bucket).select(0, h).item_float();
        }
      }
    }
    return Tensor.create(bias).view(HEADS, rows, keys);
  }

  /** Two sequences of different lengths, the longer in two blocks, through two layers. */
  @ParameterizedTest
  @EnumSource
  void addsUpTheGradientByBucket(Direction direction) {
    Parameter table = Tensors.trained(Tensors.random(DType.FP32, BUCKETS, HEADS));
    RelativePositionBias bias = new RelativePositionBias(table, direction, MAX_DISTANCE);
    assertThat(bias.plan()).isEqualTo(GradientFlow.FLOWS);
    RelativePositionBias.Pass pass = bias.pass(300, 300);
    Tensor expected = torch.zeros(new long[] {BUCKETS, HEADS}, new TensorOptions());
    for (int[] block : new int[][] {{256, 0}, {44, 256}, {5, 0}, {256, 0}}) {
      long keys = pass.seen(block[0] + block[1] - 1, block[0] == 5 ? 5 : 300);
      Tensor dScores = Tensors.random(DType.FP32, HEADS, block[0], keys);
      pass.addGradient(dScores, block[1]);
      addByBucket(expected, dScores, block[1], direction);
    }
    pass.backward();
    assertCloseToLargest("dtable", table.gradient(), expected, 1e-5);
  }

  private static void addByBucket(Tensor sums, Tensor dScores, int position, Direction direction) {
    for (int i = 0; i < dScores.size(1); i++) {
      long[] buckets = new long[(int) dScores.size(2)];
      for (int j = 0; j < buckets.length; j++) {
        buckets[j] =
            RelativePositionBias.bucket(j - position - i, direction, BUCKETS, MAX_DISTANCE);
      }
      sums.index_add_(0, Tensor.create(buckets), dScores.select(1, i).t().contiguous());
    }
  }

  /** What T5's decoder leaves out, its encoder needs. */
  @Test
  void onlyABackwardBiasLeavesKeysOut() {
    Parameter table = Tensors.frozen(Tensors.random(DType.FP32, BUCKETS, HEADS));
    assertThat(
            new RelativePositionBias(table, Direction.BACKWARD, MAX_DISTANCE)
                .pass(600, 600)
                .seen(255, 600))
        .isEqualTo(256);
    assertThat(
            new RelativePositionBias(table, Direction.BOTH, MAX_DISTANCE)
                .pass(600, 600)
                .seen(255, 600))
        .isEqualTo(600);
  }

  @Test
  void aFrozenTableHasNoGradient() {
    Parameter table = Tensors.frozen(Tensors.random(DType.FP32, BUCKETS, HEADS));
    RelativePositionBias bias = new RelativePositionBias(table, Direction.BOTH, MAX_DISTANCE);
    assertThat(bias.plan()).isEqualTo(GradientFlow.STOPS);
    RelativePositionBias.Pass pass = bias.pass(4, 4);
    pass.addGradient(Tensors.random(DType.FP32, HEADS, 4, 4), 0);
    pass.backward();
  }
}
