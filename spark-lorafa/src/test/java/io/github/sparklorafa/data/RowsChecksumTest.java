package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RowsChecksumTest {

  @Test
  void doesNotDependOnHowTheRowsAreCut() {
    Random random = new Random(1);
    List<Example> examples = examples(random, 100);
    RowsChecksum whole = checksum(examples);
    for (int trial = 0; trial < 50; trial++) {
      int first = random.nextInt(101);
      int second = first + random.nextInt(101 - first);
      RowsChecksum joined =
          checksum(examples.subList(0, first))
              .then(checksum(examples.subList(first, second)))
              .then(checksum(examples.subList(second, 100)));
      assertThat(joined).isEqualTo(whole);
    }
    assertThat(whole.rows()).isEqualTo(100);
    assertThat(whole.text()).hasSize(16).isEqualTo("%016x".formatted(whole.value()));
  }

  @Test
  void dependsOnOrderAndOnEveryNumber() {
    List<Example> examples = examples(new Random(2), 20);
    RowsChecksum whole = checksum(examples);

    List<Example> swapped = new ArrayList<>(examples);
    Collections.swap(swapped, 3, 4);
    assertThat(checksum(swapped)).isNotEqualTo(whole);
    assertThat(checksum(List.of(Example.of(1, 2), Example.of(3))))
        .isNotEqualTo(checksum(List.of(Example.of(1), Example.of(2, 3))));
    assertThat(checksum(List.of(new Example(new int[] {1, 2}, new int[] {1, 3}))))
        .isNotEqualTo(checksum(List.of(Example.of(1, 2))));
    assertThat(checksum(List.of(Example.of(0))).value()).isNotZero();
  }

  @Test
  void joinsByTheFormulaModuloThePrime() {
    BigInteger prime = BigInteger.TWO.pow(61).subtract(BigInteger.ONE);
    BigInteger base = BigInteger.valueOf(0x1A1B2C3D4E5F6071L).mod(prime);
    Random random = new Random(3);
    for (int trial = 0; trial < 1000; trial++) {
      RowsChecksum a =
          new RowsChecksum(random.nextInt(9), prime.longValue() - 1 - random.nextInt(9));
      RowsChecksum b = new RowsChecksum(random.nextLong(1L << 40), random.nextLong((1L << 61) - 1));
      BigInteger expected =
          BigInteger.valueOf(a.value())
              .multiply(base.modPow(BigInteger.valueOf(b.rows()), prime))
              .add(BigInteger.valueOf(b.value()))
              .mod(prime);
      assertThat(a.then(b).value()).isEqualTo(expected.longValueExact());
    }
  }

  private static List<Example> examples(Random random, int count) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      examples.add(Reference.example(random));
    }
    return examples;
  }

  private static RowsChecksum checksum(List<Example> examples) {
    return TokenStore.of(examples).checksum();
  }
}
