package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.ExampleRules;
import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.LabelKind;
import io.github.sparklorafa.data.NumberLabels;
import io.github.sparklorafa.data.RowShape;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import scala.collection.JavaConverters;

class RowReaderTest {
  private static final StructType MESSAGE =
      StructType.fromDDL(
          "role STRING, content STRING, tool_calls ARRAY<STRUCT<name: STRING, arguments:"
              + " MAP<STRING, INT>>>");

  @Test
  void labelsOfEveryTypeAreNumbers() {
    assertThat(labelled("label INT", 2)).isEqualTo(Example.withNumbers(ids(), 2));
    assertThat(labelled("label BOOLEAN", true)).isEqualTo(Example.withNumbers(ids(), 1));
    assertThat(labelled("label DOUBLE", 1.0)).isEqualTo(Example.withNumbers(ids(), 1));
    assertThat(labelled("label DECIMAL(3,1)", new BigDecimal("2.0")))
        .isEqualTo(Example.withNumbers(ids(), 2));
    assertThat(labelled("labels ARRAY<BIGINT>", seq(1L))).isEqualTo(Example.withNumbers(ids(), 1));
    assertThat(labelled("label ARRAY<BOOLEAN>", seq(false)))
        .isEqualTo(Example.withNumbers(ids(), 0));
    assertThat(labelled("label INT", null)).isNull();
  }

  @Test
  void messagesAreMapsWithoutWhatIsNull() {
    StructType call = StructType.fromDDL("name STRING, arguments MAP<STRING, INT>");
    Object arguments = JavaConverters.mapAsScalaMap(Map.of("a", 1));
    Row asked = row(MESSAGE, "user", "1+2?", null);
    Row called = row(MESSAGE, "assistant", null, seq(row(call, "add", arguments)));
    StructType schema = new StructType().add("messages", "array<struct<role:string>>");

    List<Map<String, Object>> messages = Conversations.of(row(schema, seq(asked, called)), 0);

    assertThat(messages.get(0)).isEqualTo(Map.of("role", "user", "content", "1+2?"));
    assertThat(messages.get(1))
        .containsEntry("content", null)
        .containsEntry("tool_calls", List.of(Map.of("name", "add", "arguments", Map.of("a", 1))));
    assertThat(Conversations.of(row(schema, (Object) null), 0)).isNull();
    assertThat(
            Conversations.of(
                row(schema, seq(JavaConverters.mapAsScalaMap(Map.of("role", "user")))), 0))
        .containsExactly(Map.of("role", "user"));
  }

  private static int[] ids() {
    return new int[] {5, 6};
  }

  /** The example of a row with this label; null if there is none. */
  private static Example labelled(String column, Object label) {
    StructType schema = StructType.fromDDL("n INT, " + column + ", input_ids ARRAY<INT>");
    RowShape shape =
        RowShape.of(
            Arrays.stream(schema.fields())
                .map(field -> new RowShape.Column(field.name(), field.dataType().simpleString()))
                .toList(),
            Columns.USUAL,
            LabelKind.NUMBERS);
    Examples examples =
        Examples.of(ExampleRules.numbers(8, 10, new NumberLabels(NumberLabels.Type.CLASS, 3)));
    return RowReader.in(schema, shape)
        .read(examples, row(schema, 0, label, seq(5, 6)), () -> null)
        .example()
        .orElse(null);
  }

  private static Row row(StructType schema, Object... values) {
    return new GenericRowWithSchema(values, schema);
  }

  private static Object seq(Object... values) {
    return JavaConverters.asScalaBuffer(Arrays.asList(values)).toSeq();
  }
}
