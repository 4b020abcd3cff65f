package io.github.sparklorafa.infer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.fuzz.Damaged;
import io.github.sparklorafa.fuzz.Limits;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Expected texts of a dataset are compared with others in a time that their length explains. */
class TextMetricProperties {
  private static final List<String> SPICES =
      List.of(" ".repeat(3000) + "x", "-\n".repeat(2000), "&amp;".repeat(800), "1.,-".repeat(900));

  @Provide
  Arbitrary<String> texts() {
    return Damaged.texts(
        List.of("The cat sat on the mat, at 3.5-4 &quot;degrees&quot;.\n", "世界 é 😀", ""), SPICES);
  }

  @Property(seed = "95")
  void metrics(@ForAll("texts") String written, @ForAll("texts") String expected) {
    compares(written, expected);
  }

  @Example
  void nastyTexts() {
    SPICES.forEach(text -> compares(text, SPICES.get(0)));
    compares(" ".repeat(1_000_000) + "x", "x");
    compares("x" + "\u2028".repeat(1_000_000) + "x", "- ".repeat(100_000));
  }

  private static void compares(String written, String expected) {
    for (TextMetric metric : TextMetric.values()) {
      Limits.reads(
          2L << 30,
          () -> {
            long[] sums = metric.none();
            metric.add(sums, written, expected);
            assertThat(metric.value(sums)).isBetween(0.0, 100.0 + 1e-9);
          });
    }
  }
}
