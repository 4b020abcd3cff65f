package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchPrefetcherTest {

  private static final TokenSequences STORE =
      TokenSequences.rows(
          TokenStore.of(IntStream.range(0, 10).mapToObj(i -> Example.of(i, i + 1)).toList()));

  @Test
  void handsOutEachStepInOrderFromTheFirst() throws InterruptedException {
    BatchOrder order = BatchOrder.forSteps(10, 4, 2, RowOrder.SHUFFLED, 3, 6);
    try (BatchPrefetcher prefetcher = new BatchPrefetcher(STORE, order, 1, 1, 2)) {
      for (long step = 2; step < 6; step++) {
        assertThat(prefetcher.hasNext()).isTrue();
        List<TokenBatch> batches = prefetcher.next();
        assertThat(batches.stream().map(b -> (long) b.ids()[0]).toList())
            .containsExactly(order.rows(step, 1)[0], order.rows(step, 1)[1]);
      }
      assertThat(prefetcher.hasNext()).isFalse();
      assertThatThrownBy(prefetcher::next).isInstanceOf(NoSuchElementException.class);
    }
  }

  @Test
  void throwsWhatReadingThrew() {
    BatchOrder tooManyRows = BatchOrder.forSteps(11, 11, 1, RowOrder.SEQUENTIAL, 3, 1);
    try (BatchPrefetcher prefetcher = new BatchPrefetcher(STORE, tooManyRows, 0, 0, 0)) {
      assertThatThrownBy(prefetcher::next).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }
}
