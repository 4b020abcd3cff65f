package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.sparklorafa.data.RowShape.Column;
import io.github.sparklorafa.data.RowShape.Source;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowShapeTest {

  @Test
  void tokenIdsWinOverText() {
    RowShape shape =
        RowShape.of(
            columns("text", "string", "labels", "array<bigint>", "input_ids", "array<int>"));

    assertThat(shape).isEqualTo(new RowShape(Source.INPUT_IDS, List.of("input_ids", "labels")));
    assertThat(shape.needsTokenizer()).isFalse();
    assertThat(shape.has(RowShape.LABELS)).isTrue();
    assertThat(shape.has(RowShape.ATTENTION_MASK)).isFalse();
    assertThat(
            RowShape.of(columns("input_ids", "array<bigint>", "attention_mask", "array<tinyint>"))
                .columns())
        .containsExactly("input_ids", "attention_mask");
  }

  @Test
  void textAndPairsAreFoundAmongOtherColumns() {
    assertThat(RowShape.of(columns("id", "bigint", "text", "varchar(80)")))
        .isEqualTo(new RowShape(Source.TEXT, List.of("text")));
    RowShape pair = RowShape.of(columns("completion", "string", "n", "int", "prompt", "string"));
    assertThat(pair)
        .isEqualTo(new RowShape(Source.PROMPT_AND_COMPLETION, List.of("prompt", "completion")));
    assertThat(pair.needsTokenizer()).isTrue();
    assertThat(RowShape.of(columns("prompt", "string", "text", "string")).source())
        .isEqualTo(Source.TEXT);
  }

  @Test
  void errorsTellWhatIsThere() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowShape.of(columns("Text", "string", "n", "int")))
        .withMessageStartingWith(
            "Cannot read the dataset: none of the columns that training reads is there; its columns"
                + " are [Text string, n int] (select or rename columns");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowShape.of(columns("prompt", "string")))
        .withMessageContaining("prompt is there without completion");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowShape.of(columns("completion", "string")))
        .withMessageContaining("completion is there without prompt");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                RowShape.of(columns("prompt", "string", "completion", "string", "text", "string")))
        .withMessageContaining("both text and prompt and completion");
    assertThatIllegalArgumentException().isThrownBy(() -> RowShape.of(List.of()));
  }

  @Test
  void allWrongTypesAreNamedAtOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowShape.of(columns("input_ids", "string", "labels", "array<double>")))
        .withMessageContaining(
            "input_ids is string, not array<int>; labels is array<double>, not array<int>");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowShape.of(columns("text", "array<string>")))
        .withMessageContaining("text is array<string>, not string");
  }

  private static List<Column> columns(String... namesAndTypes) {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < namesAndTypes.length; i += 2) {
      columns.add(new Column(namesAndTypes[i], namesAndTypes[i + 1]));
    }
    return columns;
  }
}
