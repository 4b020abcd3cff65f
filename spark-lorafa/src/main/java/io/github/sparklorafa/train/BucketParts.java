package io.github.sparklorafa.train;

import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.tensor.NativeFloats;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The bucket cut into parts of equal size, from its end on, in the order in which backward passes
 * are through with all gradients in them. The last one is the bucket's beginning, with the losses,
 * and may have fewer gradients. Follows from the parameters and the size alone, so it is the same
 * on all workers.
 */
final class BucketParts {
  private final List<NativeFloats> parts = new ArrayList<>();
  private final Map<Parameter, List<Integer>> partsOf = new HashMap<>();

  /**
   * @param losses numbers of {@code bucket} before the gradients
   * @param places of the gradients in {@code bucket}, in its order
   * @param size gradients of a part
   */
  BucketParts(NativeFloats bucket, int losses, Map<Parameter, NativeFloats> places, long size) {
    List<Parameter> byReadiness = places.keySet().stream().sorted(Parameter.BY_READINESS).toList();
    int slices = Math.toIntExact((bucket.count() - losses - 1) / size + 1);
    int[] readyAt = new int[slices];
    for (int at = 0; at < byReadiness.size(); at++) {
      for (int slice : slices(bucket, places.get(byReadiness.get(at)), size)) {
        readyAt[slice] = Math.max(readyAt[slice], at);
      }
    }
    readyAt[slices - 1] = byReadiness.size();
    List<Integer> order = new ArrayList<>();
    for (int slice = 0; slice < slices; slice++) {
      order.add(slice);
    }
    order.sort(Comparator.comparingInt(slice -> readyAt[slice]));
    int[] numbers = new int[slices];
    for (int number = 0; number < slices; number++) {
      int slice = order.get(number);
      numbers[slice] = number;
      long start = slice == slices - 1 ? 0 : bucket.count() - (slice + 1) * size;
      long end = bucket.count() - slice * size;
      parts.add(new NativeFloats(bucket.address() + start * Float.BYTES, end - start));
    }
    places.forEach(
        (parameter, place) ->
            partsOf.put(
                parameter,
                slices(bucket, place, size).stream().map(slice -> numbers[slice]).toList()));
  }

  /** The slices, counted from the bucket's end, that a place lies in. */
  private static List<Integer> slices(NativeFloats bucket, NativeFloats place, long size) {
    long start = (place.address() - bucket.address()) / Float.BYTES;
    List<Integer> slices = new ArrayList<>();
    long last = (bucket.count() - 1 - start) / size;
    for (long slice = (bucket.count() - start - place.count()) / size; slice <= last; slice++) {
      slices.add(Math.toIntExact(slice));
    }
    return slices;
  }

  /** In their order. */
  NativeFloats part(int number) {
    return parts.get(number);
  }

  /** How many there are. */
  int count() {
    return parts.size();
  }

  /** The numbers of the parts that hold the gradient of {@code parameter}. */
  List<Integer> of(Parameter parameter) {
    return partsOf.get(parameter);
  }
}
