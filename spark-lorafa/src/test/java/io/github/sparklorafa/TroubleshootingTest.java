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
  private static final Pattern ROW = Pattern.compile("^\\| `(Cannot [^`]+)` \\| *(.*?) *\\|$");

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
  void theScanKnowsTheWaysInWhichMessagesAreWritten() throws IOException {
    Map<String, List<MessageScan.Message>> messages = MessageScan.of(SOURCES);
    assertThat(messages).hasSizeGreaterThan(100);
    assertThat(messages.get("Cannot use dtype: …"))
        .extracting(MessageScan.Message::wayOut)
        .contains("use fp32 or bf16");
    assertThat(messages.get("Cannot open checkpoint: … holds an adapter")).hasSize(1);
  }
}
