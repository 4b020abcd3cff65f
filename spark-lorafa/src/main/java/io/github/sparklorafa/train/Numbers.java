package io.github.sparklorafa.train;

import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.LinearShape;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.TiedHead;
import io.github.sparklorafa.nn.FrozenBase;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How many numbers of each kind a worker holds, of a model of any architecture.
 *
 * @param frozen of the base
 * @param frozenBytes that these take
 * @param frozenAdapter of every frozen A
 * @param trained adapters, modules to save, or the whole model
 */
record Numbers(long frozen, long frozenBytes, long frozenAdapter, long trained) {
  static Numbers of(TrainConfig config, ModelConfig model) {
    Predicate<String> trains =
        config.method() == Method.FULL ? tensor -> true : TrainedModel.saved(config);
    FrozenBase base = PackedBase.of(config, model);
    long frozen = 0;
    long frozenBytes = 0;
    long trained = 0;
    for (Map.Entry<String, Long> tensor : counts(model, trains).entrySet()) {
      if (trains.test(tensor.getKey())) {
        trained += tensor.getValue();
      } else {
        frozen += tensor.getValue();
        if (!base.holds(tensor.getKey())) {
          frozenBytes += tensor.getValue() * config.dtype().bytes();
        }
      }
    }
    frozenBytes += packedBytes(base, model, trains);
    if (config.method() == Method.FULL) {
      return new Numbers(frozen, frozenBytes, 0, trained);
    }
    long a = adapterNumbers(config.adapter(), model, Side.A);
    long b = adapterNumbers(config.adapter(), model, Side.B);
    return config.method() == Method.LORA
        ? new Numbers(frozen, frozenBytes, 0, trained + a + b)
        : new Numbers(frozen, frozenBytes, a, trained + b);
  }

  private static long packedBytes(FrozenBase base, ModelConfig model, Predicate<String> trains) {
    return model.linearLayers().entrySet().stream()
        .filter(linear -> base.holds(linear.getKey() + ".weight"))
        .filter(linear -> !trains.test(linear.getKey() + ".weight"))
        .mapToLong(linear -> base.dtype().bytes(linear.getValue().out(), linear.getValue().in()))
        .sum();
  }

  /** Of each tensor; a tied head is one where only it or only the embedding is trained. */
  private static Map<String, Long> counts(ModelConfig model, Predicate<String> trains) {
    Map<String, Long> counts = new LinkedHashMap<>();
    model.tensors().forEach((name, shape) -> counts.put(name, product(shape)));
    Optional<TiedHead> tied = model.tiedHead();
    if (tied.isPresent() && trains.test(tied.get().head()) != trains.test(tied.get().embedding())) {
      counts.put(tied.get().head(), counts.get(tied.get().embedding()));
    }
    return counts;
  }

  private static long product(long[] shape) {
    long product = 1;
    for (long size : shape) {
      product *= size;
    }
    return product;
  }

  private enum Side {
    A,
    B
  }

  private static long adapterNumbers(AdapterConfig adapter, ModelConfig model, Side side) {
    long count = 0;
    for (Map.Entry<String, LinearShape> linear : model.linearLayers().entrySet()) {
      if (adapter.adapts(linear.getKey())) {
        LinearShape shape = linear.getValue();
        count += adapter.rankOf(linear.getKey()) * (side == Side.A ? shape.in() : shape.out());
      }
    }
    return count;
  }
}
