package io.github.sparklorafa.fuzz;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Files of a good kind, damaged: what parsers of outside bytes are given. */
public final class Damaged {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int USUAL = 400;

  /** What likeliest goes wrong in the place of something else. */
  private static final List<String> VALUES =
      List.of(
          "0",
          "-1",
          "1",
          "2",
          "7",
          "64",
          "2147483647",
          "2147483648",
          "4294967296",
          "-2147483648",
          "1152921504606846976",
          "9223372036854775807",
          "-9223372036854775808",
          "18446744073709551616",
          "1e400",
          "1e-400",
          "0.5",
          "-0.0",
          "3.0",
          "null",
          "true",
          "false",
          "\"\"",
          "\"x\"",
          "\"-1\"",
          "\"../../etc/passwd\"",
          "\"/etc/passwd\"",
          "\"../x.safetensors\"",
          "\"a\\u0000b\"",
          "\"\\ud800\"",
          "\"(a+)+$\"",
          "\"((((((((((x*)*)*)*)*)*)*)*)*)*y\"",
          "\"F32\"",
          "\"BF16\"",
          "\"file:///etc/passwd\"",
          "[]",
          "{}",
          "[null]",
          "[[]]",
          "[1,2]",
          "[-1]",
          "{\"\":null}",
          "[4294967296,4294967296]");

  private static final List<String> TEXTS =
      List.of(
          "[".repeat(3000),
          "{\"a\":".repeat(3000),
          "\"",
          "\\u0000",
          "\uFEFF",
          ",",
          ":",
          "}",
          "]",
          "9".repeat(400),
          "-",
          "\n",
          "\\",
          "'",
          "#",
          "<|x|>");

  private Damaged() {}

  /**
   * How many inputs a parser is given that takes long and knows nothing of jqwik: those that others
   * are given, by {@code share}, and no fewer than the usual number.
   */
  public static int count(int share) {
    return Math.max(USUAL, Integer.getInteger("jqwik.tries.default", USUAL) / share);
  }

  /** One of the files with up to four changes of its bytes. */
  public static Arbitrary<byte[]> bytes(List<byte[]> wholes) {
    return Combinators.combine(Arbitraries.of(wholes), edits())
        .as((whole, edits) -> Edit.all(whole, whole.length, edits));
  }

  /**
   * A text with changes, by its bytes, so that it may end up as none.
   *
   * @param spices what may come into it, beside what goes wrong in any text
   */
  public static Arbitrary<String> texts(List<String> wholes, List<String> spices) {
    return Combinators.combine(Arbitraries.of(wholes), edits(spices))
        .as(
            (whole, edits) -> {
              byte[] text = whole.getBytes(StandardCharsets.UTF_8);
              return new String(Edit.all(text, text.length, edits), StandardCharsets.UTF_8);
            });
  }

  /** JSON with changes of its tree, and now and then of its text too. */
  public static Arbitrary<String> json(List<String> wholes) {
    Arbitrary<List<Edit>> textEdits =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(4, Arbitraries.just(List.of())),
            net.jqwik.api.Tuple.of(1, edits()));
    return Combinators.combine(Arbitraries.of(wholes), jsonEdits(), textEdits)
        .as(
            (whole, edits, more) -> {
              JsonNode root = tree(whole);
              edits.forEach(edit -> edit.apply(root));
              byte[] text = root.toString().getBytes(StandardCharsets.UTF_8);
              return new String(Edit.all(text, text.length, more), StandardCharsets.UTF_8);
            });
  }

  private static Arbitrary<List<JsonEdit>> jsonEdits() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 1 << 20),
            Arbitraries.of(JsonEdit.Kind.class),
            Arbitraries.of(VALUES))
        .as((place, kind, value) -> new JsonEdit(place, kind, tree(value)))
        .list()
        .ofMinSize(1)
        .ofMaxSize(4);
  }

  private static Arbitrary<List<Edit>> edits() {
    return edits(List.of());
  }

  private static Arbitrary<List<Edit>> edits(List<String> more) {
    List<byte[]> spices = new ArrayList<>();
    for (List<String> texts : List.of(VALUES, TEXTS, more, more, more)) {
      texts.forEach(text -> spices.add(text.getBytes(StandardCharsets.UTF_8)));
    }
    Arbitrary<byte[]> put =
        Arbitraries.oneOf(
            Arbitraries.of(spices),
            Arbitraries.bytes().array(byte[].class).ofMaxSize(12),
            Arbitraries.just(new byte[0]));
    Arbitrary<Integer> cut =
        Arbitraries.oneOf(
            Arbitraries.integers().between(0, 12),
            Arbitraries.integers().between(0, 400),
            Arbitraries.just(-1));
    return Combinators.combine(Arbitraries.doubles().between(0, 1), cut, put)
        .as(Edit::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(4);
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(json, e);
    }
  }
}
