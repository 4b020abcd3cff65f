package io.github.sparklorafa.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.fuzz.Damaged;
import io.github.sparklorafa.fuzz.Limits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Chat templates from anywhere: programs, as it were, that run on the driver and on executors. Each
 * ends, and makes no more than fits.
 */
class TemplateProperties {
  /** What is made on the way; what stands at once is less. */
  private static final long BYTES = 4L << 30;

  private static final List<String> SPICES =
      List.of(
          "{% for i in range(100000000000) %}{{ i }}{% endfor %}",
          "{% for a in messages %}{% for b in range(90000) %}{{ b }}{% endfor %}{% endfor %}",
          "{{ 'ab' * 9223372036854775807 }}",
          "{{ 'ab' * 1000000000 }}",
          "{% set x = 'aaaaaaaa' %}{% set x = x + x %}{% set x = x * 99999 %}",
          "{% set ns = namespace(a=[1]) %}{% for i in range(64) %}{% set ns.a = [ns.a, ns.a] %}"
              + "{% endfor %}{{ ns.a }}",
          "{{ ns.a == ns.a }}{{ ns.a in {1: 2} }}{{ ns.a | tojson(indent=1000000) }}",
          "{% set ns = namespace(a='x') %}{% for i in range(90) %}"
              + "{% set ns.a = ns.a.replace('x', 'xxxx') %}{% endfor %}",
          "{{ 'a' | indent(1000000000) }}",
          "{{ 1.5 | round(2147483647) }}",
          "{{ 1.5 | round(-2147483648) }}",
          "{% macro m(a) %}{{ m(a) }}{{ m(a) }}{% endmacro %}{{ m(1) }}",
          "{{ messages | map('tojson') | join('a' * 1000000) | upper | list | sort | unique }}",
          "{{ (messages | string) * 100000 }}",
          "{{ ('a,' * 1000000).split(',') | length }}",
          "{{ 99999999999999999999999 }}",
          "{{ '\\U99999999' }}",
          "{{ 'x' | float }}{{ 'x'.format(1) }}{{ '{99999999999}'.format(1) }}",
          "{{ range(0, 1, 0) }}",
          "{{ range(9223372036854775800, 9223372036854775807, 5) }}",
          "{{ messages[9223372036854775807:-9223372036854775808:9223372036854775807] }}",
          "{{ messages[::-9223372036854775807] }}",
          "(".repeat(20_000),
          "not ".repeat(20_000),
          "{% if x %}".repeat(3_000),
          "'" + "a".repeat(40_000) + "'",
          "{{",
          "}}",
          "{%",
          "%}",
          "{#",
          "|",
          "[",
          " is ",
          "loop.cycle()",
          "messages",
          "{% endfor %}",
          "{% break %}",
          "{% raw %}");

  private static List<String> templates() throws IOException {
    JsonNode known =
        new ObjectMapper()
            .readTree(TemplateProperties.class.getResource("/reference/chat/templates.json"));
    List<String> templates = new ArrayList<>();
    known.get("templates").forEach(template -> templates.add(template.get("template").asText()));
    known.get("snippets").forEach(snippet -> templates.add(snippet.get("template").asText()));
    return templates;
  }

  @Provide
  Arbitrary<String> damaged() throws IOException {
    return Damaged.texts(templates(), SPICES);
  }

  @Property(seed = "21")
  void templates(@ForAll("damaged") String template) {
    renders(template);
  }

  /** Each alone, so that every one is met in every run. */
  @Example
  void nastyTemplates() {
    SPICES.forEach(TemplateProperties::renders);
    SPICES.forEach(spice -> renders("{{ " + spice + " }}"));
  }

  private static void renders(String template) {
    Map<String, Object> variables = new HashMap<>();
    variables.put(
        "messages",
        List.of(
            Map.of("role", "user", "content", "Hi 😀"),
            Map.of("role", "assistant", "content", "Ho")));
    variables.put("tools", null);
    variables.put("bos_token", "<s>");
    variables.put("add_generation_prompt", true);
    boolean unused =
        Limits.reads(
            BYTES,
            () -> assertThat(Template.parse(template).render(variables).text()).isNotNull(),
            TemplateException.class);
  }
}
