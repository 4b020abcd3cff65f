package io.github.sparklorafa;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * docs/troubleshooting.md lists every message, each once. A failure prints the lines to write,
 * ready to paste into the table of their area.
 */
class TroubleshootingTest {
  private static final Path SOURCES = Path.of("src/main/java");
  private static final Path PAGE = Path.of("../docs/troubleshooting.md");
  private static final Pattern ROW = Pattern.compile("^\\| `([^`]+)` \\| *(.*?) *\\|$");

  /** Messages that end with the message of what went wrong first, and with its way out. */
  private static final Set<String> CARRIERS =
      Set.of(
          "Cannot predict: …",
          "Cannot train: …",
          "Cannot train on …, the first is row …: …",
          "Cannot evaluate on …, the first is row … of the evaluation set: …");

  @Test
  void thePageListsEveryMessageAndNoOther() throws IOException {
    Map<String, List<MessageScan.Message>> messages = MessageScan.of(SOURCES);
    Set<String> listed = new TreeSet<>();
    List<String> wrong = new ArrayList<>();
    for (String line : Files.readAllLines(PAGE)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        if (!listed.add(row.group(1))) {
          wrong.add("listed twice: " + row.group(1));
        }
        if (row.group(2).isBlank()) {
          wrong.add("nothing said of: " + row.group(1));
        }
        if (!messages.containsKey(row.group(1))) {
          wrong.add("no longer in the sources: " + row.group(1));
        }
      }
    }
    messages.forEach(
        (head, places) -> {
          if (!listed.contains(head)) {
            wrong.add(
                "| `%s` | %s |  (%s)"
                    .formatted(head, places.get(0).wayOut(), places.get(0).file()));
          }
        });
    assertThat(wrong).as("what to change in docs/troubleshooting.md").isEmpty();
  }

  @Test
  void everyMessageSaysWhatToDo() throws IOException {
    List<String> without = new ArrayList<>();
    MessageScan.of(SOURCES)
        .forEach(
            (head, places) -> {
              if (head.startsWith(MessageScan.CANNOT) && !CARRIERS.contains(head)) {
                places.stream()
                    .filter(place -> place.wayOut().isBlank())
                    .forEach(place -> without.add(head + " in " + place.file()));
              }
            });
    assertThat(without).as("messages without a way out in parentheses").isEmpty();
  }

  @Test
  void theScanKnowsTheWaysInWhichMessagesAreWritten() throws IOException {
    Map<String, List<MessageScan.Message>> messages = MessageScan.of(SOURCES);
    assertThat(messages).hasSizeGreaterThan(100);
    assertThat(messages.get("Cannot use dtype: …"))
        .extracting(MessageScan.Message::wayOut)
        .contains("use fp32 or bf16");
    assertThat(messages.get("Cannot open checkpoint: … holds an adapter")).hasSize(1);
    assertThat(messages.get("Cannot use top-k: …")).as("a word of its caller's").isNotNull();
    assertThat(messages.get("Cannot write checkpoint: …")).as("of its caller's caller").hasSize(1);
    assertThat(messages.get("give a whole number")).as("a reason within a message").hasSize(1);
    assertThat(messages.get("Cannot read index: …"))
        .extracting(MessageScan.Message::wayOut)
        .as("of a collection of problems")
        .doesNotContain("");
  }
}
