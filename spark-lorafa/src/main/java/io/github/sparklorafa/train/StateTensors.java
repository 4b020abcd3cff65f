package io.github.sparklorafa.train;

import io.github.sparklorafa.checkpoint.SafetensorsFile;
import io.github.sparklorafa.checkpoint.SafetensorsWriter;
import io.github.sparklorafa.checkpoint.SafetensorsWriter.Entry;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * The tensors that change in a step: fp32 masters and what the optimizer remembers, each parameter
 * under its own name behind {@code value.} or the name of the optimizer's slot, as {@code exp_avg.}
 * and {@code exp_avg_sq.} of AdamW. Each of these kinds is a part, a flat buffer {@code [n]}.
 */
final class StateTensors {
  private static final String VALUE = "value";

  private final Trainables trainables;
  private final Optimizer optimizer;
  private final List<String> parts = new ArrayList<>(List.of(VALUE));

  StateTensors(Trainables trainables, Optimizer optimizer) {
    this.trainables = trainables;
    this.optimizer = optimizer;
    parts.addAll(optimizer.slots());
  }

  /** How many flat buffers there are: the masters, and one for each slot. */
  int parts() {
    return parts.size();
  }

  /** Numbers of each. */
  long count() {
    return trainables.count();
  }

  /**
   * Copies all parts. Where the optimizer is divided among the workers, all take part, and it
   * blocks until they have.
   *
   * @param into {@code [parts, n]}; empty on a worker that doesn't need them
   */
  void copy(Optional<Tensor> into) {
    try (Scope scope = new Scope()) {
      into.ifPresent(all -> all.select(0, 0).copy_(trainables.flat()));
      for (int slot = 0; slot < parts.size() - 1; slot++) {
        int part = slot + 1;
        optimizer.read(slot, into.map(all -> all.select(0, part)));
      }
    }
  }

  /** Copies of all parts, {@code [parts, n]}, to be written; owned by the caller's scope. */
  List<Entry> entries(Tensor copies) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (int part = 0; part < parts.size(); part++) {
      String prefix = parts.get(part) + ".";
      trainables
          .named(copies.select(0, part))
          .forEach((name, view) -> all.put(prefix + name, view));
    }
    return SafetensorsWriter.entries(all, DType.FP32);
  }

  /** Adds what {@code stored} does not hold, or in another shape. */
  void check(SafetensorsFile stored, Problems problems) {
    try (Scope scope = new Scope()) {
      Map<String, Tensor> all = new LinkedHashMap<>();
      Map<String, Tensor> shapes = trainables.named(trainables.flat());
      parts.forEach(part -> shapes.forEach((name, view) -> all.put(part + "." + name, view)));
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
    load(stored, VALUE, trainables.flat());
    for (int slot = 0; slot < parts.size() - 1; slot++) {
      // Gradients come later.
      Tensor room = trainables.gradients();
      load(stored, parts.get(slot + 1), room);
      optimizer.write(slot, room);
    }
    trainables.publish();
    optimizer.restoreStep(steps);
  }

  private void load(SafetensorsFile stored, String part, Tensor flat) {
    try (Scope scope = new Scope()) {
      for (Map.Entry<String, Tensor> entry : trainables.named(flat).entrySet()) {
        try (Scope one = new Scope()) {
          entry.getValue().copy_(stored.load(part + "." + entry.getKey(), DType.FP32));
        }
      }
    }
  }
}
