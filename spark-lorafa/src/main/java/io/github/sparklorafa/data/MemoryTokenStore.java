package io.github.sparklorafa.data;

import java.util.List;
import java.util.Objects;

/** Rows in a list. */
final class MemoryTokenStore implements TokenStore {

  private final List<Example> examples;
  private final RowsChecksum checksum;

  MemoryTokenStore(List<Example> examples) {
    this.examples = List.copyOf(examples);
    RowsChecksum sum = RowsChecksum.EMPTY;
    for (Example example : this.examples) {
      sum = sum.then(example);
    }
    this.checksum = sum;
  }

  @Override
  public long rows() {
    return examples.size();
  }

  @Override
  public long tokens() {
    return examples.stream().mapToLong(Example::length).sum();
  }

  @Override
  public long lossTerms() {
    return examples.stream().mapToLong(Example::lossTerms).sum();
  }

  @Override
  public int longest() {
    return examples.stream().mapToInt(Example::length).max().orElse(0);
  }

  @Override
  public RowsChecksum checksum() {
    return checksum;
  }

  @Override
  public Example example(long row) {
    return examples.get((int) Objects.checkIndex(row, rows()));
  }
}
