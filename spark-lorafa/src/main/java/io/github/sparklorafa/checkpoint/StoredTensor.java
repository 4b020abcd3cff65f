package io.github.sparklorafa.checkpoint;

import java.util.List;

/**
 * Where a tensor lies in its file, as the header says.
 *
 * @param begin first byte, counted from the start of the data
 * @param end byte after the last one
 */
record StoredTensor(String name, StoredDType dtype, List<Long> shape, long begin, long end) {

  StoredTensor {
    shape = List.copyOf(shape);
  }

  long bytes() {
    return end - begin;
  }

  long[] dimensions() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }
}
