package io.github.sparklorafa.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.spark.transport.SparkGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link Communicator} promises, on threads of one process. */
@Timeout(60)
class CommunicatorTest {
  private final ExecutorService threads = Executors.newCachedThreadPool();

  enum Kind {
    LOCAL,
    GLOO,
    SPARK,
    SPARK_ENCRYPTED;

    List<Communicator> group(int size, Duration timeout) {
      return switch (this) {
        case LOCAL -> LocalCommunicator.group(size, timeout);
        case GLOO -> Gloo.group(size, timeout);
        case SPARK -> SparkGroup.open(size, timeout, SparkGroup.plain());
        case SPARK_ENCRYPTED -> SparkGroup.open(size, timeout, SparkGroup.encrypted());
      };
    }
  }

  record Case(Kind kind, int size, int count) {}

  static Stream<Case> cases() {
    // 1,200,001 numbers make several pieces a chunk, and chunks of unequal length.
    Stream<Case> few =
        Stream.of(Kind.values())
            .flatMap(
                kind ->
                    Stream.of(1, 2, 3, 4)
                        .flatMap(
                            size ->
                                Stream.of(0, 1, 3, 1000, 1_200_001)
                                    .map(count -> new Case(kind, size, count))));
    // With 12 workers a window is narrower: 5 pieces, of 10 in a chunk.
    return Stream.concat(few, Stream.of(new Case(Kind.GLOO, 12, 12 * 10 * (1 << 17))));
  }

  @AfterEach
  void stopThreads() {
    threads.shutdownNow();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void sumsToTheSameBitsEverywhere(Case c) throws Exception {
    List<Communicator> group = c.kind().group(c.size(), Duration.ofSeconds(20));
    List<Future<float[]>> results = new ArrayList<>();
    for (Communicator communicator : group) {
      results.add(threads.submit(() -> sumTwice(communicator, c.count())));
    }

    float[] first = results.get(0).get();
    for (Future<float[]> result : results) {
      assertThat(result.get()).isEqualTo(first);
    }
    for (int i = 0; i < c.count(); i += 997) {
      double expected = 0;
      for (int rank = 0; rank < c.size(); rank++) {
        expected += Floats.value(rank, i);
      }
      assertThat((double) first[i]).isCloseTo(expected, within(expected));
    }
    group.forEach(Communicator::close);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void addsInTheOrderOfTheRanksHoweverTheBufferIsCut(Case c) throws Exception {
    List<Communicator> group = c.kind().group(c.size(), Duration.ofSeconds(20));
    int parts = 3;
    List<Future<float[]>> results = new ArrayList<>();
    for (Communicator communicator : group) {
      results.add(threads.submit(() -> sumInParts(communicator, c.count(), parts)));
    }

    float[] expected = new float[c.count()];
    for (int rank = 0; rank < c.size(); rank++) {
      for (int i = 0; i < expected.length; i++) {
        // Magnitudes so far apart that any other order gives other bits.
        expected[i] = rank == 0 ? apart(0, i) : expected[i] + apart(rank, i);
      }
    }
    for (Future<float[]> result : results) {
      assertThat(result.get()).isEqualTo(expected);
    }
    group.forEach(Communicator::close);
  }

  @Test
  void anotherOrderWouldGiveOtherBits() {
    int different = 0;
    for (int i = 0; i < 1000; i++) {
      float first = apart(0, i) + apart(1, i) + apart(2, i);
      float second = apart(2, i) + apart(1, i) + apart(0, i);
      different += first == second ? 0 : 1;
    }
    assertThat(different).isGreaterThan(100);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void roundsToNearestBeforeAndAfterTheSumInBf16(Case c) throws Exception {
    List<Communicator> group = c.kind().group(c.size(), Duration.ofSeconds(20));
    List<Future<float[]>> results = new ArrayList<>();
    for (Communicator communicator : group) {
      results.add(threads.submit(() -> sum(communicator, c.count(), WireDType.BF16)));
    }

    float[] expected = new float[c.count()];
    for (int i = 0; i < expected.length; i++) {
      for (int rank = 0; rank < c.size(); rank++) {
        float value = Floats.value(rank, i);
        expected[i] += c.size() == 1 ? value : Floats.bf16(value);
      }
      expected[i] = c.size() == 1 ? expected[i] : Floats.bf16(expected[i]);
    }
    for (Future<float[]> result : results) {
      assertThat(result.get()).isEqualTo(expected);
    }
    group.forEach(Communicator::close);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void abortWakesTheOthers(Kind kind) throws Exception {
    List<Communicator> group = kind.group(3, Duration.ofSeconds(40));
    List<Future<float[]>> results = new ArrayList<>();
    for (Communicator communicator : group.subList(0, 2)) {
      results.add(threads.submit(() -> sumTwice(communicator, 1000)));
    }
    TimeUnit.MILLISECONDS.sleep(200);
    long start = System.nanoTime();

    group.get(0).abort("the task was killed");

    assertThatThrownBy(() -> results.get(0).get())
        .cause()
        .isInstanceOf(CollectiveException.class)
        .hasMessageContaining("the task was killed");
    group.get(0).close();
    assertThatThrownBy(() -> results.get(1).get()).cause().isInstanceOf(CollectiveException.class);
    assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(5));
    group.forEach(Communicator::close);
  }

  /** As often with each transport: at a moment of the sum that nobody has chosen. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void aWorkerThatEndsAtAnyMomentFailsAllOthersSoonAndByItsName(Kind kind) throws Exception {
    Random random = new Random(5);
    for (int time = 0; time < 12; time++) {
      List<Communicator> group = kind.group(3, Duration.ofSeconds(40));
      List<Future<float[]>> results = new ArrayList<>();
      for (Communicator communicator : group) {
        results.add(threads.submit(() -> sumForever(communicator)));
      }
      TimeUnit.MICROSECONDS.sleep(random.nextInt(60_000));
      int victim = random.nextInt(3);
      long start = System.nanoTime();

      group.get(victim).abort("killed");

      for (int rank = 0; rank < 3; rank++) {
        Future<float[]> result = results.get(rank);
        assertThatThrownBy(() -> result.get(10, TimeUnit.SECONDS))
            .cause()
            .isInstanceOf(CollectiveException.class)
            .hasMessageContaining("rank " + victim);
      }
      assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(10));
      group.forEach(Communicator::close);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void abortMakesTheNextSumFail(Kind kind) {
    List<Communicator> group = kind.group(1, Duration.ofSeconds(1));

    group.get(0).abort("first");
    group.get(0).abort("second");

    assertThatThrownBy(() -> sumTwice(group.get(0), 5))
        .isInstanceOf(CollectiveException.class)
        .hasMessageContaining("first");
    group.get(0).close();
    group.get(0).close();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aMissingWorkerEndsInATimeout(Kind kind) {
    List<Communicator> group = kind.group(2, Duration.ofMillis(300));

    assertThatThrownBy(() -> sumTwice(group.get(0), 10)).isInstanceOf(CollectiveException.class);
    group.forEach(Communicator::close);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aWorkerThatLeavesFailsTheOthersSoon(Kind kind) throws Exception {
    List<Communicator> group = kind.group(2, Duration.ofSeconds(40));
    Future<float[]> result = threads.submit(() -> sumTwice(group.get(1), 1000));
    TimeUnit.MILLISECONDS.sleep(200);
    long start = System.nanoTime();

    group.get(0).close();

    assertThatThrownBy(result::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(CollectiveException.class);
    assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(5));
    group.get(1).close();
  }

  /** The second sum shows that messages of one call are not taken for those of the next. */
  private static float[] sumTwice(Communicator communicator, int count) {
    try (Floats floats = new Floats(count)) {
      floats.fill(communicator.rank() + 7);
      communicator.sum(floats.view());
      floats.fill(communicator.rank());
      communicator.sum(floats.view());
      return floats.copy();
    }
  }

  private static float apart(int rank, int index) {
    return (float) Math.sin(index * 7 + rank * 3) * (float) Math.pow(10, (index + rank) % 7);
  }

  private static float[] sumInParts(Communicator communicator, int count, int parts) {
    try (Floats floats = new Floats(count)) {
      floats.fill(index -> apart(communicator.rank(), index));
      for (int part = 0; part < parts; part++) {
        long start = (long) count * part / parts;
        long end = (long) count * (part + 1) / parts;
        communicator.sum(NativeMemory.slice(floats.view(), start, end - start));
      }
      return floats.copy();
    }
  }

  private static float[] sumForever(Communicator communicator) {
    try (Floats floats = new Floats(1_200_001)) {
      floats.fill(communicator.rank());
      while (true) {
        communicator.sum(floats.view());
      }
    }
  }

  private static float[] sum(Communicator communicator, int count, WireDType wire) {
    try (Floats floats = new Floats(count)) {
      floats.fill(communicator.rank());
      communicator.sum(floats.view(), wire);
      return floats.copy();
    }
  }

  private static org.assertj.core.data.Offset<Double> within(double expected) {
    return org.assertj.core.data.Offset.offset(1e-6 * Math.max(1, Math.abs(expected)));
  }
}
