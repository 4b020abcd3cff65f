package io.github.sparklorafa.train;

import io.github.sparklorafa.checkpoint.SafetensorsFile;
import io.github.sparklorafa.checkpoint.SafetensorsWriter;
import io.github.sparklorafa.checkpoint.SafetensorsWriter.Entry;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * The tensors that change in a step: fp32 masters and AdamW's moments, each parameter under its own
 * name behind {@code value.}, {@code exp_avg.} or {@code exp_avg_sq.} (the names of torch's AdamW).
 */
final class StateTensors {
  private static final String VALUE = "value.";
  private static final String FIRST_MOMENT = "exp_avg.";
  private static final String SECOND_MOMENT = "exp_avg_sq.";

  private final Trainables trainables;
  private final AdamW optimizer;

  StateTensors(Trainables trainables, AdamW optimizer) {
    this.trainables = trainables;
    this.optimizer = optimizer;
  }

  /** Masters, first and second moments, {@code [n]} each; not the caller's to close. */
  List<Tensor> flat() {
    return List.of(trainables.flat(), optimizer.moment(), optimizer.secondMoment());
  }

  /** Views of all of them, owned by the caller's scope. */
  private Map<String, Tensor> all() {
    return all(trainables.flat(), optimizer.moment(), optimizer.secondMoment());
  }

  private Map<String, Tensor> all(Tensor values, Tensor first, Tensor second) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    trainables.named(values).forEach((name, view) -> all.put(VALUE + name, view));
    trainables.named(first).forEach((name, view) -> all.put(FIRST_MOMENT + name, view));
    trainables.named(second).forEach((name, view) -> all.put(SECOND_MOMENT + name, view));
    return all;
  }

  /** Flat buffers in the order of {@link #flat}, to be written; owned by the caller's scope. */
  List<Entry> entries(Tensor values, Tensor first, Tensor second) {
    return SafetensorsWriter.entries(all(values, first, second), DType.FP32);
  }

  /** Adds what {@code stored} does not hold, or in another shape. */
  void check(SafetensorsFile stored, Problems problems) {
    try (Scope scope = new Scope()) {
      Map<String, Tensor> all = all();
      all.forEach(
          (name, tensor) -> {
            if (!stored.names().contains(name)) {
              problems.add("%s is missing", name);
            } else if (!Arrays.equals(stored.shape(name), tensor.shape())) {
              problems.add(
                  "%s has shape %s, not %s",
                  name, Arrays.toString(stored.shape(name)), Arrays.toString(tensor.shape()));
            }
          });
      stored.names().stream()
          .filter(name -> !all.containsKey(name))
          .forEach(name -> problems.add("%s is not trained here", name));
    }
  }

  /** Takes over what {@link #check} found to fit, after {@code steps} steps of the optimizer. */
  void restore(SafetensorsFile stored, long steps) {
    for (Map.Entry<String, Tensor> entry : all().entrySet()) {
      try (Scope scope = new Scope()) {
        entry.getValue().copy_(stored.load(entry.getKey(), DType.FP32));
      }
    }
    trainables.publish();
    optimizer.restoreStep(steps);
  }
}
