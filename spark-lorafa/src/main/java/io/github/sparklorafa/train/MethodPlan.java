package io.github.sparklorafa.train;

import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.nn.Recompute;
import java.util.ArrayList;
import java.util.List;

/**
 * What a run would need if it were trained in one way or another.
 *
 * @param name of the method, and what it recomputes
 * @param memory of one worker
 * @param largestMicroBatch sequences that fit at once; 0 if none does, or if nothing limits them
 * @param sentBytes that a worker gives to the all-reduce at a synchronisation, as they travel
 */
public record MethodPlan(String name, MemoryPlan memory, int largestMicroBatch, long sentBytes) {
  private static final int MOST_SEQUENCES = 1 << 20;

  /**
   * The run itself and, where they are other ones, {@code full}, {@code lora} as it is and with
   * elementwise recomputation, and {@code lora-fa}.
   *
   * @param bytes that a worker may take outside the heap; 0 where nothing limits it
   */
  public static List<MethodPlan> compare(TrainConfig config, ModelConfig model, long bytes) {
    List<TrainConfig> ways = new ArrayList<>();
    ways.add(config);
    ways.add(config.comparedWith(Method.FULL, Recompute.NONE));
    ways.add(config.comparedWith(Method.LORA, Recompute.NONE));
    ways.add(config.comparedWith(Method.LORA, Recompute.ELEMENTWISE));
    ways.add(config.comparedWith(Method.LORA_FA, Recompute.NONE));
    return ways.stream().distinct().map(way -> of(way, model, bytes)).toList();
  }

  private static MethodPlan of(TrainConfig config, ModelConfig model, long bytes) {
    String recomputes =
        config.recompute() == Recompute.NONE ? "" : ", " + config.recompute().text();
    return new MethodPlan(
        config.method().text() + recomputes,
        MemoryPlan.of(config, model),
        bytes == 0 ? 0 : MemoryPlan.largestMicroBatch(config, model, bytes, MOST_SEQUENCES),
        config.synchronisation().bytes(Numbers.of(config, model).trained()));
  }
}
