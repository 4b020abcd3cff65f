package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.tensor.Scope;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Looks for NaN and infinite numbers in weights, which would make every loss NaN.
 *
 * <p>A sum in fp32 is finite only if all numbers are, so one pass over the bytes does; a tensor
 * whose sum is not is looked at number by number. Files that passed are remembered by length and
 * time of change, so that the workers of one process look once; they wait for the first one.
 */
final class FiniteWeights {
  private static final String WAY_OUT =
      "download it again, or train it anew from a checkpoint before the numbers broke";
  private static final long PIECE = 1 << 20;
  private static final Map<Path, FileState> PASSED = new ConcurrentHashMap<>();

  private FiniteWeights() {}

  /**
   * Checks all float tensors of a checkpoint.
   *
   * @param files by tensor name
   * @throws IllegalArgumentException naming every tensor with such numbers
   */
  static synchronized void check(Path folder, Map<String, SafetensorsFile> files) {
    Set<SafetensorsFile> distinct = new HashSet<>(files.values());
    distinct.removeIf(file -> file.state().equals(PASSED.get(file.path())));
    Problems problems = new Problems("Cannot use weights: " + folder, WAY_OUT);
    distinct.forEach(file -> check(file, file.names(), problems));
    problems.throwIfAny();
    distinct.forEach(file -> PASSED.put(file.path(), file.state()));
  }

  /** Reports the tensors of {@code names} that hold such numbers; they do not stay in memory. */
  static void check(SafetensorsFile file, Collection<String> names, Problems problems) {
    for (String name : names) {
      if (file.loadable(name)) {
        boolean unused =
            file.read(
                name,
                tensor -> {
                  check(name, tensor, problems);
                  return true;
                });
      }
    }
  }

  private static void check(String name, Tensor tensor, Problems problems) {
    if (sumIsFinite(tensor.view(-1))) {
      return;
    }
    long nans = torch.isnan(tensor).sum().item_long();
    long infinite = torch.isinf(tensor).sum().item_long();
    // Large numbers may also add up to more than fp32 holds, which harms nobody.
    if (nans + infinite > 0) {
      problems.add(
          "tensor %s holds %d NaN and %d infinite of %d numbers"
              .formatted(Problems.quote(name), nans, infinite, tensor.numel()));
    }
  }

  /**
   * Wide numbers as they are; narrow ones in pieces through one buffer, since libtorch's own sum of
   * bf16 into fp32 takes several times as long.
   */
  private static boolean sumIsFinite(Tensor flat) {
    if (flat.scalar_type().intern() == ScalarType.Float) {
      return Double.isFinite(flat.sum().item_double());
    }
    double sum = 0;
    long count = flat.numel();
    Tensor buffer =
        torch.zeros(new long[] {Math.min(PIECE, count)}, new TensorOptions(ScalarType.Float));
    for (long start = 0; start < count && Double.isFinite(sum); start += PIECE) {
      try (Scope scope = new Scope()) {
        long length = Math.min(PIECE, count - start);
        Tensor piece = buffer.narrow(0, 0, length);
        sum += piece.copy_(flat.narrow(0, start, length)).sum().item_double();
      }
    }
    return Double.isFinite(sum);
  }
}
