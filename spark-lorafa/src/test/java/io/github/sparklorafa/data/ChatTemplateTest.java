package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.chat.TemplateException;
import io.github.sparklorafa.data.ChatTemplate.AnswerPrompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTemplateTest {
  private static final List<Map<String, Object>> TALK =
      List.of(turn("user", "Hi"), turn("assistant", "Ho"));

  private final Examples examples = Examples.limitedTo(1000, 600);

  @Test
  void onlyTheAssistantsTurnsAreLearned(@TempDir Path folder) throws IOException {
    for (JsonNode row : Reference.json("text/conversations.json")) {
      Path copy = checkpoint(folder, row.get("tokenizer").asText(), row.get("template").asText());
      try (TextTokenizer tokenizer = TextTokenizer.open(copy)) {
        Example example = examples.fromMessages(tokenizer, messages(row)).example().orElseThrow();
        assertThat(example.ids()).as(row.toString()).containsExactly(ints(row.get("ids")));
        assertThat(example.labels()).as(row.toString()).containsExactly(ints(row.get("labels")));
      }
    }
  }

  @Test
  void aModelIsAskedWithWhatTransformersMakes(@TempDir Path folder) throws IOException {
    Prompts prompts = Prompts.of(LabelKind.NEXT_TOKENS);
    for (JsonNode row : Reference.json("text/prompts.json")) {
      Path copy = checkpoint(folder, row.get("tokenizer").asText(), row.get("template").asText());
      RowSource.CHAT.checkToAnswer(copy, 600);
      try (TextTokenizer tokenizer = TextTokenizer.open(copy)) {
        TokenizedPrompt prompt = prompts.fromMessages(tokenizer, messages(row));
        assertThat(prompt.ids()).as(row.toString()).containsExactly(ints(row.get("ids")));
        assertThat(prompt.problem()).isEmpty();
      }
    }
  }

  @Test
  void aConversationThatCannotBeAnsweredSaysWhy(@TempDir Path folder) throws IOException {
    Prompts prompts = Prompts.of(LabelKind.NEXT_TOKENS);
    try (TextTokenizer tokenizer = TextTokenizer.open(checkpoint(folder, "tokenizer", "mistral"))) {
      for (List<Map<String, Object>> none : Arrays.asList(null, List.<Map<String, Object>>of())) {
        assertThat(prompts.fromMessages(tokenizer, none).problem()).contains(RowProblem.EMPTY);
      }
      TokenizedPrompt unfit =
          prompts.fromMessages(tokenizer, List.of(turn("user", "Hi"), turn("user", "Hm")));
      assertThat(unfit.problem()).contains(RowProblem.UNFIT_CHAT);
      assertThat(unfit.detail())
          .isEqualTo(
              "Conversation roles must alternate user/assistant/user/assistant/...: messages user"
                  + " \"Hi\", user \"Hm\"");
      assertThat(unfit.ids()).isEmpty();
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowSource.CHAT.checkToAnswer(Reference.path("tokenizer"), 600))
        .withMessageStartingWith("Cannot read conversations: the tokenizer in ");
    Path copy = checkpoint(folder, "tokenizer", "chatml");
    Files.writeString(copy.resolve("chat_template.jinja"), "{{ raise_exception('Closed') }}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowSource.CHAT.checkToAnswer(copy, 600))
        .withMessageContaining(" fails on all that were tried: Closed (");
    // Which cannot be trained on, as turns cannot be told apart, but asked.
    Files.writeString(
        copy.resolve("chat_template.jinja"), "{{ messages | length }}{{ messages[0].content }}");
    RowSource.CHAT.checkToAnswer(copy, 600);
  }

  @Test
  void theTemplateIsFoundWhereverHuggingFaceWritesIt(@TempDir Path folder) throws IOException {
    Path copy = checkpoint(folder, "tokenizer", "chatml");
    assertThat(rendered(copy)).isEqualTo("<|im_start|>user\nHi<|im_end|>\n");

    ObjectNode config = config(copy);
    config.putArray("chat_template").addObject().put("name", "tool_use").put("template", "t");
    config.withArray("chat_template").addObject().put("name", "default").put("template", "default");
    write(copy, config);
    assertThat(rendered(copy)).isEqualTo("default");

    config.remove("chat_template");
    write(copy, config);
    Files.writeString(copy.resolve("chat_template.json"), "{\"chat_template\": \"processor\"}");
    assertThat(rendered(copy)).isEqualTo("processor");

    Files.writeString(copy.resolve("chat_template.jinja"), "{{ bos_token }} {{ eos_token }}");
    assertThat(rendered(copy)).isEqualTo("<s> </s>");
  }

  @Test
  void checkpointsWithoutAUsableTemplateAreRefused(@TempDir Path folder) throws IOException {
    try (TextTokenizer tokenizer = TextTokenizer.open(Reference.path("tokenizer"))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> examples.fromMessages(tokenizer, TALK))
          .withMessageMatching(
              "Cannot read conversations: the tokenizer in .* has no chat template \\(.*\\)");
    }
    Path copy = checkpoint(folder, "tokenizer", "chatml");
    Files.writeString(copy.resolve("chat_template.jinja"), "\n{% include 'other' %}");
    try (TextTokenizer tokenizer = TextTokenizer.open(copy)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> examples.fromMessages(tokenizer, TALK))
          .withMessageMatching(
              "Cannot read conversations: the chat template in .*: line 2: unknown tag 'include'"
                  + " \\(.*\\)");
    }
  }

  @Test
  void templatesThatFailOnAnyConversationAreRefusedBeforeRowsAreRead(@TempDir Path folder)
      throws IOException {
    for (String name : List.of("chatml", "mistral", "llama31", "qwen3", "chatml-generation")) {
      RowSource.CHAT.check(checkpoint(folder, "tokenizer", name), 600);
    }
    Path copy = checkpoint(folder, "tokenizer", "chatml");
    Path template = copy.resolve("chat_template.jinja");
    Files.writeString(
        template,
        "{% for m in messages %}{% if m.role not in ['doctor', 'assistant'] %}"
            + "{{ raise_exception('no ' + m.role) }}{% endif %}{{ m.content }}{% endfor %}");
    RowSource.CHAT.check(copy, 600);

    for (String[] failing :
        new String[][] {
          {"{{ raise_exception('Tools are needed') }}", "Tools are needed"},
          {"{{ messages[0].content + nothing.more }}", "'nothing' is undefined"},
          {"{{ messages | length }}{{ messages[0].content }}", "the assistant's turn in message 1"},
          {"{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "macros call each other"}
        }) {
      Files.writeString(template, failing[0]);
      assertThatIllegalArgumentException()
          .as(failing[0])
          .isThrownBy(() -> RowSource.CHAT.check(copy, 600))
          .withMessageStartingWith("Cannot write conversations: the chat template in " + copy)
          .withMessageContaining(" fails on all that were tried: " + failing[1])
          .withMessageEndingWith("make prompt and completion columns in Python)");
    }
    Files.writeString(template, "{% if %}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowSource.CHAT.check(copy, 600))
        .withMessageStartingWith("Cannot read conversations: the chat template in " + copy);
    RowSource.TEXT_ALONE.check(copy, 600);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowSource.TEXT_ALONE.check(copy, 5))
        .withMessageStartingWith("Cannot use the tokenizer");
    RowSource.INPUT_IDS.check(copy, 5);
  }

  @Test
  void conversationsThatATemplateRefusesAreWrongRows(@TempDir Path folder) throws IOException {
    Path copy = checkpoint(folder, "tokenizer", "mistral");
    try (TextTokenizer tokenizer = TextTokenizer.open(copy)) {
      RowTally tally = new RowTally();
      tally.take(0, examples.fromMessages(tokenizer, TALK));
      tally.take(
          3, examples.fromMessages(tokenizer, List.of(turn("user", "Hi"), turn("user", "Hm"))));
      assertThatIllegalArgumentException()
          .isThrownBy(tally::check)
          .withMessage(
              "Cannot train on 1 row with conversations that cannot be rendered, the first is row"
                  + " 3: Conversation roles must alternate user/assistant/user/assistant/...:"
                  + " messages user \"Hi\", user \"Hm\"");
      assertThat(examples.fromMessages(tokenizer, null).problem()).contains(RowProblem.EMPTY);
      assertThat(examples.fromMessages(tokenizer, List.of()).problem()).contains(RowProblem.EMPTY);
      assertThat(examples.fromMessages(tokenizer, TALK.subList(0, 1)).problem())
          .as("nobody answers")
          .contains(RowProblem.NO_LOSS_TERM);
    }
  }

  @Test
  void turnsThatCannotBeToldApartAreRefused(@TempDir Path folder) throws IOException {
    Path copy = checkpoint(folder, "tokenizer", "chatml");
    Files.writeString(
        copy.resolve("chat_template.jinja"),
        "{{ messages | length }}{% for m in messages %}{{ m.content }}{% endfor %}");
    try (TextTokenizer tokenizer = TextTokenizer.open(copy)) {
      assertThatThrownBy(() -> tokenizer.chat().conversation(TALK))
          .isInstanceOf(TemplateException.class)
          .hasMessageStartingWith("the assistant's turn in message 1 cannot be told from");
    }
  }

  private static Path checkpoint(Path folder, String tokenizer, String template)
      throws IOException {
    Path copy = Files.createTempDirectory(folder, "checkpoint");
    Files.copy(Reference.path(tokenizer + "/tokenizer.json"), copy.resolve("tokenizer.json"));
    ObjectNode config = (ObjectNode) Reference.json(tokenizer + "/tokenizer_config.json");
    for (JsonNode known : Reference.json("chat/templates.json").get("templates")) {
      if (known.get("name").asText().equals(template)) {
        config.set("chat_template", known.get("template"));
      }
    }
    write(copy, config);
    return copy;
  }

  private static ObjectNode config(Path folder) throws IOException {
    return (ObjectNode) Reference.JSON.readTree(folder.resolve("tokenizer_config.json").toFile());
  }

  private static void write(Path folder, ObjectNode config) throws IOException {
    Reference.JSON.writeValue(folder.resolve("tokenizer_config.json").toFile(), config);
  }

  private static String rendered(Path folder) {
    try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
      return tokenizer.chat().render(TALK.subList(0, 1), AnswerPrompt.LEFT_OUT);
    }
  }

  private static List<Map<String, Object>> messages(JsonNode row) {
    List<Map<String, Object>> messages = new ArrayList<>();
    for (JsonNode message : row.get("messages")) {
      messages.add(turn(message.get("role").asText(), message.get("content").asText()));
    }
    return messages;
  }

  private static Map<String, Object> turn(String role, String content) {
    return Map.of("role", role, "content", content);
  }

  private static int[] ints(JsonNode array) {
    return Reference.ints(array);
  }
}
