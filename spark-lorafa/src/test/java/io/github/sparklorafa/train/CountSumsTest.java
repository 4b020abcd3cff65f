package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.collective.LocalCommunicator;
import io.github.sparklorafa.tensor.Natives;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class CountSumsTest {
  /** Numbers that fp32 alone could not add: 2⁵⁷ + 1 and the like. */
  @Test
  void sumsAreExact() throws Exception {
    Natives.load(1);
    long[] own = {0, 1, (1L << 24) + 1, (1L << 57) + 1, 123_456_789_012_345_678L};
    int workers = 5;
    ExecutorService threads = Executors.newFixedThreadPool(workers);
    List<Future<long[]>> sums = new ArrayList<>();
    for (Communicator communicator : LocalCommunicator.group(workers)) {
      sums.add(threads.submit(() -> CountSums.overAllWorkers(own, communicator)));
    }
    for (Future<long[]> sum : sums) {
      assertThat(sum.get())
          .containsExactly(
              0, 5, 5 * ((1L << 24) + 1), 5 * ((1L << 57) + 1), 5 * 123_456_789_012_345_678L);
    }
    threads.shutdown();
  }
}
