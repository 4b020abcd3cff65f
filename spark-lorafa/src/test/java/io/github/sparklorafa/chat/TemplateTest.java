package io.github.sparklorafa.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Against what transformers renders; src/test/reference/make_chat.py made it. */
class TemplateTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static JsonNode reference() {
    try {
      return JSON.readTree(TemplateTest.class.getResource("/reference/chat/templates.json"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static Stream<Arguments> templates() {
    List<Arguments> all = new ArrayList<>();
    for (JsonNode template : reference().get("templates")) {
      all.add(Arguments.of(template.get("name").asText(), template));
    }
    return all.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("templates")
  void rendersAsTransformersDoes(String name, JsonNode reference) {
    Template template = Template.parse(reference.get("template").asText());
    for (JsonNode expected : reference.get("cases")) {
      Map<String, Object> variables = new HashMap<>();
      for (String variable : List.of("messages", "tools", "add_generation_prompt")) {
        variables.put(variable, JSON.convertValue(expected.get(variable), Object.class));
      }
      variables.put("documents", null);
      variables.put("bos_token", "<s>");
      variables.put("eos_token", "</s>");
      if (expected.has("error")) {
        assertThatThrownBy(() -> template.render(variables))
            .as(expected.toString())
            .isInstanceOf(TemplateException.class);
        continue;
      }
      Rendered rendered = template.render(variables);
      assertThat(rendered.text()).as(expected.toString()).isEqualTo(expected.get("text").asText());
      List<List<Integer>> generated =
          rendered.generated().stream()
              .map(range -> List.of(points(rendered, range.start()), points(rendered, range.end())))
              .toList();
      assertThat(JSON.<JsonNode>valueToTree(generated)).isEqualTo(expected.get("generated"));
    }
  }

  private static int points(Rendered rendered, int units) {
    return rendered.text().codePointCount(0, units);
  }

  static Stream<Arguments> snippets() {
    List<Arguments> all = new ArrayList<>();
    for (JsonNode snippet : reference().get("snippets")) {
      all.add(Arguments.of(snippet.get("template").asText(), snippet.get("text").asText()));
    }
    return all.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("snippets")
  void evaluatesAsJinja(String template, String expected) {
    assertThat(Template.parse(template).render(values()).text()).isEqualTo(expected);
  }

  @Test
  void refusesWhatJinjaRefuses() {
    for (JsonNode template : reference().get("refused")) {
      assertThatThrownBy(() -> Template.parse(template.asText()).render(values()))
          .as(template.asText())
          .isInstanceOf(TemplateException.class);
    }
    assertThatThrownBy(() -> Template.parse("a\n{{ b }}\n{% include 'x' %}"))
        .hasMessage("line 3: unknown tag 'include'");
    assertThatThrownBy(
            () ->
                Template.parse("{{ raise_exception('Only ' + role) }}")
                    .render(Map.of("role", "us")))
        .hasMessage("Only us");
    assertThatThrownBy(() -> Template.parse("{% for a in b %}\n{{ a }").render(values()))
        .hasMessage("line 2: unexpected }");
  }

  @SuppressWarnings("unchecked") // an object of JSON
  private static Map<String, Object> values() {
    return JSON.convertValue(reference().get("values"), Map.class);
  }
}
