package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.fuzz.Damaged;
import io.github.sparklorafa.fuzz.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.hadoop.fs.FileUtil;

/** Rows of datasets from anywhere: nothing is thrown for bad data, by the native tokenizer too. */
class RowProperties {
  private static final int VOCABULARY = 50;
  private static final Examples NEXT = Examples.limitedTo(32, 100_000);
  private static final Examples WRITTEN = Examples.of(ExampleRules.written(32, 0, 100_000));
  private static final Examples IDS = Examples.limitedTo(8, VOCABULARY);
  private static final Examples WRITTEN_IDS = Examples.of(ExampleRules.written(8, 4, VOCABULARY));
  private static final Examples LABELLED =
      Examples.of(
          ExampleRules.numbers(8, VOCABULARY, new NumberLabels(NumberLabels.Type.EACH_LABEL, 2))
              .withTokenTypes(2));

  private static Path folder;
  private static TextTokenizer tokenizer;

  @BeforeContainer
  static void open() throws IOException {
    folder = Files.createTempDirectory("spark-lorafa-fuzz");
    Reference.tokenizer(folder, json -> {});
    Files.writeString(
        folder.resolve("chat_template.jinja"),
        "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}{{ eos_token }}"
            + "{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}");
    tokenizer = TextTokenizer.open(folder);
  }

  @AfterContainer
  static void close() {
    tokenizer.close();
    FileUtil.fullyDelete(folder.toFile());
  }

  /** Whole and damaged texts, halves of surrogates among them, and null. */
  private static Arbitrary<String> text() {
    List<String> wholes = List.of("Why is the sky blue? é世😀", "", " ", "<s> a </s><|user|>");
    List<String> spices =
        List.of(
            "\uD83D", "\uDE00", "\u0000", "\u202E", "\uFFFF", "a".repeat(3000), " ".repeat(999));
    return Arbitraries.oneOf(
            Damaged.texts(wholes, spices),
            Combinators.combine(Arbitraries.of(wholes), Arbitraries.of(spices))
                .as((whole, spice) -> whole + spice),
            Arbitraries.strings().ofMaxLength(40))
        .injectNull(0.05);
  }

  @Provide
  Arbitrary<List<String>> texts() {
    return text().list().ofSize(3);
  }

  @Property(seed = "91")
  void texts(@ForAll("texts") List<String> row) {
    String first = row.get(0);
    String second = row.get(1);
    Limits.reads(
        () -> {
          assertWhole(NEXT.fromText(tokenizer, first));
          assertWhole(NEXT.fromPromptAndCompletion(tokenizer, first, second));
          assertWhole(NEXT.fromInstruction(tokenizer, first, second, row.get(2)));
          assertWhole(WRITTEN.fromPromptAndCompletion(tokenizer, first, second));
        });
  }

  @Provide
  Arbitrary<List<Map<String, String>>> conversations() {
    Arbitrary<String> roles =
        Arbitraries.oneOf(Arbitraries.of("user", "assistant", "system", ""), text());
    return Combinators.combine(roles, text())
        .as(
            (role, content) -> {
              Map<String, String> message = new HashMap<>();
              message.put("role", role);
              message.put("content", content);
              return message;
            })
        .list()
        .ofMaxSize(4);
  }

  @Property(seed = "92")
  void conversations(@ForAll("conversations") List<Map<String, String>> messages) {
    Limits.reads(() -> assertWhole(NEXT.fromMessages(tokenizer, messages)));
  }

  private static Arbitrary<List<Number>> numbers() {
    return Arbitraries.<Number>oneOf(
            Arbitraries.integers().between(0, VOCABULARY - 1).map(n -> n),
            Arbitraries.of(0, 1, -100, -1, VOCABULARY, Integer.MAX_VALUE, Integer.MIN_VALUE),
            Arbitraries.of(
                0L, 1L, 1L << 32, Long.MIN_VALUE, 0.5, Double.NaN, Double.NEGATIVE_INFINITY, 1e300))
        .injectNull(0.02)
        .list()
        .ofMaxSize(12)
        .injectNull(0.05);
  }

  @Provide
  Arbitrary<List<List<Number>>> columns() {
    Arbitrary<List<List<Number>>> any = numbers().list().ofSize(4);
    // Of one length, so that more than the lengths is looked at.
    Arbitrary<List<List<Number>>> alike =
        Arbitraries.integers()
            .between(1, 12)
            .flatMap(
                size ->
                    Arbitraries.<Number>of(0, 1, 1L, 2, -100, VOCABULARY - 1, VOCABULARY, -1)
                        .list()
                        .ofSize(size)
                        .list()
                        .ofSize(4));
    return Arbitraries.oneOf(any, alike);
  }

  @Property(seed = "93")
  void ids(@ForAll("columns") List<List<Number>> columns) {
    Limits.reads(
        () -> {
          List<Number> ids = columns.get(0);
          List<Number> mask = columns.get(1);
          List<Number> types = columns.get(2);
          List<Number> labels = columns.get(3);
          assertWhole(IDS.fromInputIds(ids, mask, types, labels));
          assertWhole(IDS.fromInputIds(ids, null, labels));
          assertWhole(WRITTEN_IDS.fromSourceIds(ids, mask, labels));
          assertWhole(LABELLED.fromLabelledIds(ids, mask, types, labels));
        });
  }

  private static void assertWhole(TokenizedRow row) {
    assertThat(row.example().isPresent() || row.problem().isPresent()).isTrue();
    assertThat(row.detail()).hasSizeLessThan(5_000);
    row.example()
        .ifPresent(
            example -> {
              assertThat(example.ids()).hasSizeBetween(1, 32);
              for (int id : example.ids()) {
                assertThat(id).isNotNegative();
              }
            });
  }
}
