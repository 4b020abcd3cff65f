package io.github.sparklorafa.train;

import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.tensor.NativeFloats;
import io.github.sparklorafa.tensor.Scope;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Checks before the first step that all workers hold the same: every A, the data and the number of
 * steps. Each worker's 32-bit checksums are summed in halves of 16 bits, which fp32 adds exactly,
 * and compared with its own times the number of workers.
 */
final class Agreement {
  private static final int HALF = 16;

  private final Map<String, Integer> checksums = new LinkedHashMap<>();

  /** Adds something that has a text. */
  Agreement on(String what, Object value) {
    CRC32C crc = new CRC32C();
    crc.update(value.toString().getBytes(StandardCharsets.UTF_8));
    checksums.put(what, (int) crc.getValue());
    return this;
  }

  /** Adds the bytes of tensors. */
  Agreement on(String what, List<Tensor> tensors) {
    checksums.put(what, crc32c(tensors));
    return this;
  }

  /** Eight hexadecimal digits for the bytes of tensors. */
  static String checksum(List<Tensor> tensors) {
    return "%08x".formatted(crc32c(tensors));
  }

  private static int crc32c(List<Tensor> tensors) {
    CRC32C crc = new CRC32C();
    for (Tensor tensor : tensors) {
      try (Scope scope = new Scope()) {
        Tensor contiguous = tensor.contiguous();
        BytePointer bytes = new BytePointer(contiguous.data_ptr());
        crc.update(bytes.capacity(contiguous.nbytes()).asByteBuffer());
      }
    }
    return (int) crc.getValue();
  }

  /**
   * Blocks until all workers have come here.
   *
   * @throws TrainingException if any of them holds something else, with what
   */
  void check(Communicator communicator) {
    int[] own = checksums.values().stream().mapToInt(Integer::intValue).toArray();
    float[] halves = new float[2 * own.length];
    for (int i = 0; i < own.length; i++) {
      halves[2 * i] = own[i] >>> HALF;
      halves[2 * i + 1] = own[i] & ((1 << HALF) - 1);
    }
    float[] sums = sum(halves, communicator);
    List<String> names = List.copyOf(checksums.keySet());
    StringBuilder differing = new StringBuilder();
    for (int i = 0; i < sums.length; i++) {
      String name = names.get(i / 2);
      if (sums[i] != halves[i] * communicator.size() && differing.indexOf(name) < 0) {
        differing.append(differing.isEmpty() ? "" : ", ").append(name);
      }
    }
    if (!differing.isEmpty()) {
      throw new TrainingException(
          "Cannot start: the workers differ in "
              + differing
              + " (give all executors the same files and library versions)");
    }
  }

  /** Sums a few numbers over all workers. */
  static float[] sum(float[] values, Communicator communicator) {
    try (Scope scope = new Scope()) {
      Tensor buffer =
          torch.empty(new long[] {values.length}, new TensorOptions(ScalarType.Float), null);
      buffer.copy_(Tensor.create(values));
      communicator.sum(new NativeFloats(buffer.data_ptr().address(), values.length));
      float[] sums = new float[values.length];
      buffer.data_ptr_float().get(sums);
      return sums;
    }
  }
}
