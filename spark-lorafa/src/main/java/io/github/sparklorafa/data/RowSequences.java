package io.github.sparklorafa.data;

import java.util.List;
import java.util.Objects;

/** Each row as a sequence of its own. */
record RowSequences(TokenStore store) implements TokenSequences {

  @Override
  public long count() {
    return store.rows();
  }

  @Override
  public int tokens(long sequence) {
    return store.length(sequence);
  }

  @Override
  public List<Example> documents(long sequence) {
    return List.of(store.example(sequence));
  }

  @Override
  public long[] rows(long sequence) {
    return new long[] {Objects.checkIndex(sequence, count())};
  }

  @Override
  public String summary() {
    return "";
  }
}
