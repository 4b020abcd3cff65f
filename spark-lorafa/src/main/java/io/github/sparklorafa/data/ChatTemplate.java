package io.github.sparklorafa.data;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparklorafa.chat.Rendered;
import io.github.sparklorafa.chat.Template;
import io.github.sparklorafa.chat.TemplateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Writes conversations as a checkpoint's own chat template has them. Any number of threads may use
 * it at once.
 */
public final class ChatTemplate {
  private static final String ASSISTANT = "assistant";
  private static final String JINJA = "chat_template.jinja";
  private static final String PROCESSOR = "chat_template.json";

  private final Path folder;
  private final Optional<String> source;
  private final Map<String, String> specialTokens;
  private Template template;

  private ChatTemplate(Path folder, Optional<String> source, Map<String, String> specialTokens) {
    this.folder = folder;
    this.source = source;
    this.specialTokens = specialTokens;
  }

  static ChatTemplate read(Path folder, TokenizerFiles files) {
    return new ChatTemplate(folder, source(folder, files), files.specialTokens());
  }

  private static Optional<String> source(Path folder, TokenizerFiles files) {
    try {
      if (Files.isRegularFile(folder.resolve(JINJA))) {
        return Optional.of(Files.readString(TokenizerFiles.bounded(folder.resolve(JINJA))));
      }
      if (files.chatTemplate().isEmpty() && Files.isRegularFile(folder.resolve(PROCESSOR))) {
        JsonNode json =
            TokenizerFiles.JSON.readTree(
                TokenizerFiles.bounded(folder.resolve(PROCESSOR)).toFile());
        return Optional.ofNullable(json.path("chat_template").textValue());
      }
      return files.chatTemplate();
    } catch (IOException e) {
      throw TokenizerFiles.damaged(folder, String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * A conversation as text.
   *
   * @param text of all turns
   * @param learned what of it is the assistant's, in code points, in order
   */
  public record Conversation(String text, List<Rendered.Range> learned) {

    /**
     * Whether a token that begins at a code point is learned. One that begins before and reaches
     * into a turn, as a special token that takes the blanks behind it, is not: it is the prompt's.
     */
    boolean learns(int start) {
      return learned.stream().anyMatch(range -> start >= range.start() && start < range.end());
    }
  }

  /**
   * Writes a conversation.
   *
   * @param messages each with {@code role} and {@code content}
   * @param addGenerationPrompt whether the text ends with what the assistant's answer follows
   * @throws IllegalArgumentException if the checkpoint has no template, or one that cannot be read
   * @throws TemplateException as the template raises it, for such messages
   */
  public String render(List<? extends Map<String, ?>> messages, AnswerPrompt addGenerationPrompt) {
    return rendered(messages, addGenerationPrompt).text();
  }

  /** Whether a text ends with what the assistant's answer follows. */
  public enum AnswerPrompt {
    /** It does. */
    ADDED,
    /** It ends with the last message. */
    LEFT_OUT
  }

  private Rendered rendered(List<? extends Map<String, ?>> messages, AnswerPrompt prompt) {
    Map<String, Object> variables = new HashMap<>(specialTokens);
    variables.put("messages", messages);
    variables.put("tools", null);
    variables.put("documents", null);
    variables.put("add_generation_prompt", prompt == AnswerPrompt.ADDED);
    return template().render(variables);
  }

  private synchronized Template template() {
    if (template == null) {
      String text =
          source.orElseThrow(
              () ->
                  new IllegalArgumentException(
                      ("Cannot read conversations: the tokenizer in %s has no chat template (use a"
                              + " checkpoint that was tuned on conversations, or add"
                              + " chat_template.jinja to this one)")
                          .formatted(folder)));
      try {
        template = Template.parse(text);
      } catch (TemplateException e) {
        throw new IllegalArgumentException(
            ("Cannot read conversations: the chat template in %s: %s (simplify it in"
                    + " chat_template.jinja, or make prompt and completion columns in Python)")
                .formatted(folder, e.getMessage()),
            e);
      }
    }
    return template;
  }

  /**
   * Tries the template on conversations, each of a question and an answer, by all roles that the
   * template itself names: one that writes none of them writes no row either.
   *
   * @throws IllegalArgumentException if there is no template, if it cannot be read, or with what it
   *     raises on the first of them if it fails on all
   */
  void check() {
    check(talk -> conversation(talk).text());
  }

  /**
   * The same for conversations that are to be answered.
   *
   * @throws IllegalArgumentException as {@link #check}
   */
  void checkPrompts() {
    check(this::prompt);
  }

  private void check(Function<List<Map<String, String>>, String> written) {
    TemplateException first = null;
    for (List<Map<String, String>> talk : ChatTrials.of(source.orElse(""))) {
      try {
        String unused = written.apply(talk);
        return;
      } catch (TemplateException e) {
        first = first == null ? e : first;
      }
    }
    throw new IllegalArgumentException(
        ("Cannot write conversations: the chat template in %s fails on all that were tried: %s (use"
                + " another in chat_template.jinja, or make prompt and completion columns in Python)")
            .formatted(folder, first.getMessage()),
        first);
  }

  /**
   * The text that the assistant's last turn follows: the messages before it, and what begins an
   * answer. A conversation that does not end with the assistant's turn is answered as it stands.
   *
   * @throws IllegalArgumentException as {@link #render}
   * @throws TemplateException as the template raises it, for such messages
   */
  public String prompt(List<? extends Map<String, ?>> messages) {
    int last = messages.size() - 1;
    boolean answered = last >= 0 && ASSISTANT.equals(messages.get(last).get("role"));
    return render(answered ? messages.subList(0, last) : messages, AnswerPrompt.ADDED);
  }

  /**
   * Writes a whole conversation, and finds the assistant's turns in it.
   *
   * <p>They are what the template itself puts between {@code {% generation %}} and {@code {%
   * endgeneration %}}. Where it marks nothing, a turn begins where the text of the messages before
   * it ends, with the prompt for an answer, and ends where the text of the messages up to it does.
   *
   * @throws TemplateException as the template raises it, or if the turns cannot be told apart
   *     because the text of the first messages is not how the text of all begins
   */
  public Conversation conversation(List<? extends Map<String, ?>> messages) {
    Rendered all = rendered(messages, AnswerPrompt.LEFT_OUT);
    List<Rendered.Range> turns = new ArrayList<>(all.generated());
    for (int i = 0; i < messages.size() && all.generated().isEmpty(); i++) {
      if (ASSISTANT.equals(messages.get(i).get("role"))) {
        turns.add(turn(all.text(), messages, i));
      }
    }
    return new Conversation(
        all.text(),
        turns.stream()
            .map(
                turn ->
                    new Rendered.Range(
                        all.text().codePointCount(0, turn.start()),
                        all.text().codePointCount(0, turn.end())))
            .toList());
  }

  private Rendered.Range turn(String all, List<? extends Map<String, ?>> messages, int place) {
    String before = place == 0 ? "" : beginning(messages.subList(0, place), all);
    String prompt = render(messages.subList(0, place), AnswerPrompt.ADDED);
    int start = common(prompt, all);
    if (start < before.length() || !all.startsWith(before)) {
      throw apart(place);
    }
    if (place == messages.size() - 1) {
      return new Rendered.Range(start, all.length());
    }
    String until = beginning(messages.subList(0, place + 1), all);
    if (all.startsWith(until)) {
      return new Rendered.Range(start, until.length());
    }
    // Templates may write the last turn in another way, as Qwen 3's with its thoughts: then what
    // its
    // end has in common with the turn's place in the whole text is the turn.
    int turn = overlap(until.substring(common(prompt, until)), all.substring(start));
    String said = String.valueOf(messages.get(place).get("content")).strip();
    String end = said.substring(said.lastIndexOf('\n') + 1);
    if (!all.substring(start, start + turn).contains(end)) {
      throw apart(place);
    }
    return new Rendered.Range(start, start + turn);
  }

  /** The first messages; without the end of text that templates such as Phi-3's then write. */
  private String beginning(List<? extends Map<String, ?>> messages, String all) {
    String text = render(messages, AnswerPrompt.LEFT_OUT);
    String eos = specialTokens.getOrDefault("eos_token", "");
    return !all.startsWith(text) && !eos.isEmpty() && text.endsWith(eos)
        ? text.substring(0, text.length() - eos.length())
        : text;
  }

  private static TemplateException apart(int place) {
    return TemplateException.of(
        ("the assistant's turn in message %d cannot be told from the others, as the template writes"
                + " earlier messages in another way once later ones follow; mark it with"
                + " {%% generation %%} in chat_template.jinja")
            .formatted(place));
  }

  private static int common(String a, String b) {
    int same = 0;
    while (same < Math.min(a.length(), b.length()) && a.charAt(same) == b.charAt(same)) {
      same++;
    }
    return same;
  }

  /** Length of the longest end of a text that another begins with (Knuth, Morris and Pratt). */
  private static int overlap(String ending, String beginning) {
    String joined =
        beginning.substring(0, Math.min(beginning.length(), ending.length())) + '\uffff' + ending;
    int[] borders = new int[joined.length()];
    for (int i = 1; i < joined.length(); i++) {
      int border = borders[i - 1];
      while (border > 0 && joined.charAt(i) != joined.charAt(border)) {
        border = borders[border - 1];
      }
      borders[i] = border + (joined.charAt(i) == joined.charAt(border) ? 1 : 0);
    }
    return borders[joined.length() - 1];
  }
}
