package io.github.sparklorafa.train;

import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.NativeFloats;
import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Everything trained, in flat buffers: fp32 masters, and one bucket of fp32 gradients with two
 * numbers before them for each step between two synchronisations, the sum of the losses and the
 * count of their terms, so that one all-reduce carries all. The gradients of the lowest layers,
 * which are known last, are those next to them. Where the run's dtype is not fp32 the parameters
 * read a copy in that dtype; where it is, they read the masters.
 */
final class Trainables implements AutoCloseable {
  /** Numbers of a cache line, so that the gradients begin where one does. */
  private static final int LINE = 16;

  private final Map<Parameter, Tensor> masters = new LinkedHashMap<>();
  private final Map<Parameter, UpdateRule> rules = new LinkedHashMap<>();
  private final List<UpdateRule.Range> ranges = new ArrayList<>();
  private final DType dtype;
  private final Synchronisation synchronisation;
  private final int losses;
  private final long count;
  private final Tensor master;
  private final Tensor bucket;
  private final Tensor gradients;
  private final Tensor values;

  /** Binds all of {@code parameters}, which must be trainable; those of one rule lie together. */
  Trainables(
      List<Parameter> parameters,
      Function<Parameter, UpdateRule> rules,
      DType dtype,
      Synchronisation synchronisation) {
    this.dtype = dtype;
    this.synchronisation = synchronisation;
    losses = 2 * synchronisation.syncEvery();
    count = parameters.stream().mapToLong(Parameter::count).sum();
    try (Scope scope = new Scope()) {
      TensorOptions fp32 = new TensorOptions(ScalarType.Float);
      master = scope.release(torch.empty(new long[] {count}, fp32, null));
      long before = (losses + LINE - 1) / LINE * LINE;
      Tensor lines = torch.zeros(new long[] {before + count}, fp32);
      bucket = scope.release(lines.narrow(0, before - losses, losses + count));
      gradients = scope.release(bucket.narrow(0, losses, count));
      values =
          dtype == DType.FP32
              ? scope.release(master.narrow(0, 0, count))
              : scope.release(torch.empty(new long[] {count}, dtype.options(), null));
    }
    Map<UpdateRule, List<Parameter>> byRule =
        parameters.stream()
            .collect(Collectors.groupingBy(rules, LinkedHashMap::new, Collectors.toList()));
    long end = 0;
    for (Map.Entry<UpdateRule, List<Parameter>> group : byRule.entrySet()) {
      long start = end;
      for (Parameter parameter : group.getValue()) {
        bind(parameter, end);
        this.rules.put(parameter, group.getKey());
        end += parameter.count();
      }
      ranges.add(new UpdateRule.Range(group.getKey(), start, end - start));
    }
    publish();
  }

  private void bind(Parameter parameter, long start) {
    try (Scope scope = new Scope()) {
      Tensor own = view(master, parameter, start);
      own.copy_(parameter.value());
      masters.put(parameter, scope.release(own));
      parameter.bind(view(values, parameter, start), view(gradients, parameter, start));
    }
  }

  private static Tensor view(Tensor flat, Parameter parameter, long start) {
    return flat.narrow(0, start, parameter.count()).view_as(parameter.value());
  }

  /** Numbers that are trained. */
  long count() {
    return count;
  }

  /** The parts of the flat buffers, in their order, with the rule of each. */
  List<UpdateRule.Range> ranges() {
    return List.copyOf(ranges);
  }

  /** The rule of each, in the order of the flat buffers. */
  Map<Parameter, UpdateRule> rules() {
    return Collections.unmodifiableMap(rules);
  }

  /** Bytes of one all-reduce, on their way. */
  long bucketBytes() {
    return synchronisation.bytes(count);
  }

  /** The fp32 value of {@code parameter}, of its shape. */
  Tensor master(Parameter parameter) {
    return masters.get(parameter);
  }

  /** Zeroes the gradients before a step. */
  void clear() {
    try (Scope scope = new Scope()) {
      bucket.zero_();
    }
  }

  /**
   * Puts this worker's loss beside its gradients.
   *
   * @param step counting from the one after the last synchronisation, which is 0
   */
  void putLoss(int step, double sum, long terms) {
    try (Scope scope = new Scope()) {
      // As a float it may be infinite, which fill_ refuses of a double.
      bucket.narrow(0, 2L * step, 1).fill_(new Scalar((float) sum));
      bucket.narrow(0, 2L * step + 1, 1).fill_(new Scalar((double) terms));
    }
  }

  /** All that are trained. */
  List<Parameter> parameters() {
    return List.copyOf(masters.keySet());
  }

  /** Where the gradients of each are in the bucket, in the order of the bucket. */
  Map<Parameter, NativeFloats> places() {
    Map<Parameter, NativeFloats> places = new LinkedHashMap<>();
    long start = bucket().address() + (long) losses * Float.BYTES;
    for (Parameter parameter : masters.keySet()) {
      NativeFloats place = new NativeFloats(start, parameter.count());
      places.put(parameter, place);
      start += place.bytes();
    }
    return places;
  }

  /** The bucket as a transport sees it. */
  NativeFloats bucket() {
    try (Scope scope = new Scope()) {
      return new NativeFloats(bucket.data_ptr().address(), losses + count);
    }
  }

  /** How many of the bucket's numbers stand before the gradients. */
  int losses() {
    return losses;
  }

  /** Sum of the losses in the bucket, of a step as in {@link #putLoss}. */
  double lossSum(int step) {
    return loss(2 * step);
  }

  /** Loss terms in the bucket. */
  long lossTerms(int step) {
    return Math.round(loss(2 * step + 1));
  }

  private double loss(int i) {
    try (Scope scope = new Scope()) {
      return bucket.narrow(0, i, 1).item_float();
    }
  }

  /**
   * Divides the gradients, from a sum over loss terms to their mean, and returns the norm of the
   * result.
   */
  double averageAndNorm(long terms) {
    try (Scope scope = new Scope()) {
      gradients.mul_(new Scalar(1.0 / terms));
      return torch.norm(gradients, Scalars.of(2)).item_double();
    }
  }

  /**
   * Scales the gradients so that their norm is at most {@code most}; the formula is that of {@code
   * clip_grad_norm_}.
   */
  void clip(double norm, double most) {
    double factor = most / (norm + 1e-6);
    if (most > 0 && factor < 1) {
      try (Scope scope = new Scope()) {
        gradients.mul_(new Scalar(factor));
      }
    }
  }

  /** One step of the optimizer; the parameters read the new values afterwards. */
  void update(Optimizer optimizer, double learningRate) {
    optimizer.step(master, gradients, learningRate);
    publish();
  }

  /** All gradients, {@code [count]}. */
  Tensor gradients() {
    return gradients;
  }

  /** All masters, {@code [count]}. */
  Tensor flat() {
    return master;
  }

  /** Views of the parts of a flat buffer, by parameter name; the caller's scope owns them. */
  Map<String, Tensor> named(Tensor flat) {
    Map<String, Tensor> views = new LinkedHashMap<>();
    long start = 0;
    for (Parameter parameter : masters.keySet()) {
      views.put(parameter.name(), view(flat, parameter, start));
      start += parameter.count();
    }
    return views;
  }

  /** Lets the parameters read what the masters hold now. */
  void publish() {
    if (dtype != DType.FP32) {
      try (Scope scope = new Scope()) {
        values.copy_(master);
      }
    }
  }

  @Override
  public void close() {
    masters.values().forEach(Tensor::close);
    List.of(values, gradients, bucket, master).forEach(Tensor::close);
  }
}
