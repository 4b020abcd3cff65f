package io.github.sparklorafa.checkpoint;

import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/** Compares the tensors that a file has with those that are needed. */
final class TensorCheck {
  private TensorCheck() {}

  /**
   * Reports every missing tensor, wrong shape or dtype, and surplus tensor.
   *
   * @param find the file that holds a name
   */
  static void compare(
      Map<String, long[]> expected,
      Collection<String> found,
      Function<String, SafetensorsFile> find,
      Predicate<String> maySurplus,
      Problems problems) {
    expected.forEach(
        (name, shape) -> {
          if (!found.contains(name)) {
            problems.add("tensor %s %s is missing".formatted(name, Arrays.toString(shape)));
            return;
          }
          SafetensorsFile file = find.apply(name);
          if (!Arrays.equals(file.shape(name), shape)) {
            problems.add(
                "tensor %s has shape %s instead of %s"
                    .formatted(name, Arrays.toString(file.shape(name)), Arrays.toString(shape)));
          }
          if (!file.loadable(name)) {
            problems.add(
                "tensor %s has dtype %s instead of F32, BF16 or F16"
                    .formatted(name, file.dtype(name)));
          }
        });
    for (String name : found) {
      if (!expected.containsKey(name) && !maySurplus.test(name)) {
        problems.add("tensor %s is not known".formatted(Problems.quote(name)));
      }
    }
  }
}
