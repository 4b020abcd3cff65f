package io.github.sparklorafa.data;

import io.github.sparklorafa.chat.TemplateException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Makes training examples of rows: from text, from prompt and completion, or from token ids.
 *
 * <p>All methods are pure functions of their arguments and may be called by any thread. A row is
 * cut to the maximum length by dropping tokens at its end; where not the next token is learned,
 * special tokens that the tokenizer adds stay. A row that gives no example comes back with its
 * {@link RowProblem} and a shortened value; nothing is thrown for bad data.
 */
public final class Examples {

  private final ExampleRules rules;
  private final IdRows rows;
  private final IdRows targets;

  private Examples(ExampleRules rules) {
    this.rules = rules;
    this.rows = new IdRows(rules.maxLength(), rules.vocabSize(), rules.tokenTypes());
    this.targets = new IdRows(rules.maxTargetLength(), rules.vocabSize(), 0);
  }

  /** Examples that follow these rules. */
  public static Examples of(ExampleRules rules) {
    return new Examples(rules);
  }

  /**
   * Examples of at most {@code maxLength} tokens, whose next tokens are learned, for a model with
   * {@code vocabSize} embeddings.
   *
   * @throws IllegalArgumentException if the maximum length is under 2 or the vocabulary is empty
   */
  public static Examples limitedTo(int maxLength, int vocabSize) {
    return of(ExampleRules.nextTokens(maxLength, vocabSize));
  }

  /**
   * Learns a whole text.
   *
   * <p>The ids are the tokenizer's with the special tokens that it adds itself (often a
   * beginning-of-sequence token). Where the next token is learned, the end-of-sequence token
   * follows if there is one and the ids do not end with it already. Labels equal the ids, also
   * where masked tokens are learned: {@link TokenMasking} masks them. Null and the empty string
   * give {@link RowProblem#EMPTY}; white space is text.
   */
  public TokenizedRow fromText(TextTokenizer tokenizer, String text) {
    if (text == null || text.isEmpty()) {
      return TokenizedRow.of(RowProblem.EMPTY, "text " + Shortened.text(text));
    }
    if (rules.kind() == LabelKind.SAME_TOKENS) {
      return sameTokens(tokenizer, text);
    }
    int[] ids = withEos(tokenizer, tokenizer.encode(text));
    return cutAndCheck(ids, ids, () -> "text " + Shortened.text(text));
  }

  private TokenizedRow sameTokens(TextTokenizer tokenizer, String text) {
    Encoded whole = tokenizer.encoded(text, null);
    int[] ids = whole.cut(rules.maxLength()).ids();
    return learned(
        rows.cut(ids, ids, rules.kind()),
        whole.ids().length - ids.length,
        () -> "nothing to mask in text " + Shortened.text(text));
  }

  /**
   * Learns a completion, given its prompt.
   *
   * <p>Prompt and completion are tokenised separately. Where the next token is learned their ids
   * are joined, so that what the model sees before the completion is exactly what it will see when
   * it is asked: the prompt with the special tokens that the tokenizer puts in front (an
   * end-of-sequence token that it appends is taken off again), then the completion without special
   * tokens, then the end-of-sequence token. A space between the two belongs to the start of the
   * completion for most tokenizers. Labels are {@link Example#IGNORED} on the prompt.
   *
   * <p>Where the completion is written by a decoder, both have the tokenizer's special tokens, and
   * the completion an end-of-sequence token in any case; its ids are the labels.
   *
   * <p>A null prompt, and a null or empty completion, give {@link RowProblem#EMPTY}; an empty
   * prompt is allowed. If the prompt alone fills the maximum length, the row has no loss term.
   */
  public TokenizedRow fromPromptAndCompletion(
      TextTokenizer tokenizer, String prompt, String completion) {
    if (prompt == null || completion == null || completion.isEmpty()) {
      return TokenizedRow.of(RowProblem.EMPTY, shown(prompt, completion));
    }
    if (rules.kind() == LabelKind.WRITTEN) {
      return written(tokenizer, prompt, completion);
    }
    int[] context = tokenizer.encodePrompt(prompt);
    int[] answer = withEos(tokenizer, tokenizer.encodeWithoutSpecialTokens(completion));
    int[] ids = Arrays.copyOf(context, context.length + answer.length);
    System.arraycopy(answer, 0, ids, context.length, answer.length);
    int[] labels = ids.clone();
    Arrays.fill(labels, 0, context.length, Example.IGNORED);
    return cutAndCheck(ids, labels, () -> shown(prompt, completion));
  }

  /**
   * Learns an output, given an instruction in the words of Alpaca's prompt.
   *
   * <p>As {@link #fromPromptAndCompletion}, for the prompt {@link Alpaca#prompt}. A null or empty
   * input makes the shorter prompt.
   *
   * @param input what the instruction is about, or null
   */
  public TokenizedRow fromInstruction(
      TextTokenizer tokenizer, String instruction, String input, String output) {
    if (instruction == null || instruction.isEmpty() || output == null || output.isEmpty()) {
      return TokenizedRow.of(
          RowProblem.EMPTY,
          "instruction %s, output %s"
              .formatted(Shortened.text(instruction), Shortened.text(output)));
    }
    return fromPromptAndCompletion(tokenizer, Alpaca.prompt(instruction, input), output);
  }

  /**
   * Learns the assistant's turns of a conversation.
   *
   * <p>The text is what the checkpoint's chat template makes of the messages, with the special
   * tokens that it writes and no others. Labels are {@link Example#IGNORED} but on tokens that
   * begin within what is the assistant's; see {@link ChatTemplate#conversation}. A conversation
   * without messages is {@link RowProblem#EMPTY}, one that the template refuses {@link
   * RowProblem#UNFIT_CHAT}.
   *
   * @param messages each with {@code role} and {@code content}, and what else the template knows
   * @throws IllegalArgumentException if the checkpoint has no chat template, or one that cannot be
   *     read
   */
  public TokenizedRow fromMessages(
      TextTokenizer tokenizer, List<? extends Map<String, ?>> messages) {
    if (messages == null || messages.isEmpty()) {
      return TokenizedRow.of(RowProblem.EMPTY, "messages " + messages);
    }
    ChatTemplate.Conversation conversation;
    try {
      conversation = tokenizer.chat().conversation(messages);
    } catch (TemplateException e) {
      return TokenizedRow.of(
          RowProblem.UNFIT_CHAT, "%s: %s".formatted(e.getMessage(), Shortened.messages(messages)));
    }
    TextTokenizer.Placed placed = tokenizer.placed(conversation.text());
    int[] labels = placed.ids().clone();
    for (int i = 0; i < labels.length; i++) {
      boolean learned = conversation.learns(placed.starts()[i]);
      labels[i] = learned ? labels[i] : Example.IGNORED;
    }
    return cutAndCheck(placed.ids(), labels, () -> Shortened.messages(messages));
  }

  private TokenizedRow written(TextTokenizer tokenizer, String prompt, String completion) {
    Encoded source = tokenizer.encoded(prompt, null);
    Encoded target = tokenizer.encodedToEnd(completion);
    Encoded cutSource = source.cut(rules.maxLength());
    Encoded cutTarget = target.cut(rules.maxTargetLength());
    TokenizedRow wrong = targets.outside(cutTarget.ids(), cutTarget.ids().length);
    if (wrong != null) {
      return wrong;
    }
    int cut =
        source.ids().length - cutSource.ids().length + target.ids().length - cutTarget.ids().length;
    return withLabels(
        rows.cut(cutSource.ids(), cutSource.ids(), LabelKind.SAME_TOKENS), cut, cutTarget.ids());
  }

  private static String shown(String prompt, String completion) {
    return "prompt %s, completion %s".formatted(Shortened.text(prompt), Shortened.text(completion));
  }

  /**
   * Learns given token ids.
   *
   * <p>Positions whose {@code attention_mask} is 0, at the start or the end, are removed with their
   * labels. Labels are in Hugging Face's convention (same positions, −100 ignored, the shift
   * happens in the loss); without labels they equal the ids. Nothing is appended. A row without a
   * single loss term stays, with {@link RowProblem#NOTHING_LEARNED}, so that rows keep their places
   * and a run can be compared with other software step by step.
   *
   * @param inputIds the column {@code input_ids}; null gives {@link RowProblem#EMPTY}
   * @param attentionMask the column {@code attention_mask} (0 and 1), or null
   * @param labels the column {@code labels}, or null
   */
  public TokenizedRow fromInputIds(
      List<? extends Number> inputIds,
      List<? extends Number> attentionMask,
      List<? extends Number> labels) {
    return fromInputIds(inputIds, attentionMask, null, labels);
  }

  /**
   * The same with what the model is told of the tokens.
   *
   * @param tokenTypes the column {@code token_type_ids} (0, then 1 for the second text of a pair),
   *     or null; ignored where the model is told nothing of the kind
   */
  public TokenizedRow fromInputIds(
      List<? extends Number> inputIds,
      List<? extends Number> attentionMask,
      List<? extends Number> tokenTypes,
      List<? extends Number> labels) {
    return keptWithoutLoss(rows.of(inputIds, attentionMask, tokenTypes, labels, rules.kind()));
  }

  /**
   * Learns to write given token ids for given token ids.
   *
   * @param inputIds the source
   * @param attentionMask as in {@link #fromInputIds}
   * @param labels what is written, of any length, with the end-of-sequence token; −100 is ignored
   */
  public TokenizedRow fromSourceIds(
      List<? extends Number> inputIds,
      List<? extends Number> attentionMask,
      List<? extends Number> labels) {
    IdRows.Target target = targets.target(labels);
    if (target.problem() != null) {
      return target.problem();
    }
    TokenizedRow source = rows.of(inputIds, attentionMask, null, null, LabelKind.SAME_TOKENS);
    return keptWithoutLoss(withLabels(source, source.cut() + target.cut(), target.ids()));
  }

  /**
   * Learns what is said about a text.
   *
   * <p>The ids are the tokenizer's with its special tokens. A null or empty text gives {@link
   * RowProblem#EMPTY}, null numbers {@link RowProblem#NO_LABEL}.
   *
   * @param label the numbers of the row
   */
  public TokenizedRow fromLabelledText(
      TextTokenizer tokenizer, String text, List<? extends Number> label) {
    Supplier<String> shown = () -> "text " + Shortened.text(text);
    if (text == null || text.isEmpty()) {
      return TokenizedRow.of(RowProblem.EMPTY, shown.get());
    }
    return wrong(label, shown).orElseGet(() -> labelled(tokenizer.encoded(text, null), label));
  }

  /**
   * Learns what is said about a pair of texts.
   *
   * <p>The ids are those of the tokenizer's own template for pairs; the end of the longer text is
   * cut first. If either is null, or both are empty, the row is {@link RowProblem#EMPTY}.
   *
   * @param label the numbers of the row
   */
  public TokenizedRow fromLabelledPair(
      TextTokenizer tokenizer, String text, String pair, List<? extends Number> label) {
    Supplier<String> shown =
        () -> "text %s, text_pair %s".formatted(Shortened.text(text), Shortened.text(pair));
    if (text == null || pair == null || (text.isEmpty() && pair.isEmpty())) {
      return TokenizedRow.of(RowProblem.EMPTY, shown.get());
    }
    return wrong(label, shown).orElseGet(() -> labelled(tokenizer.encoded(text, pair), label));
  }

  private TokenizedRow labelled(Encoded whole, List<? extends Number> label) {
    Encoded kept = whole.cut(rules.maxLength());
    return withNumbers(sameTokens(kept), whole.ids().length - kept.ids().length, label);
  }

  private TokenizedRow sameTokens(Encoded kept) {
    TokenizedRow row = rows.cut(kept.ids(), kept.ids(), LabelKind.SAME_TOKENS);
    return rules.tokenTypes() > 1 ? row.withSecond(kept.second()) : row;
  }

  /**
   * A text of which something is to be said, or a pair, as {@link #fromLabelledPair} reads it; also
   * the empty text.
   *
   * @param pair the second text, or null
   */
  public TokenizedRow fromTextAlone(TextTokenizer tokenizer, String text, String pair) {
    return sameTokens(tokenizer.encoded(text, pair).cut(rules.maxLength()));
  }

  /**
   * Learns what is said about given token ids.
   *
   * @param inputIds as in {@link #fromInputIds}
   * @param attentionMask as in {@link #fromInputIds}
   * @param tokenTypes as in {@link #fromInputIds}
   * @param label the numbers of the row
   */
  public TokenizedRow fromLabelledIds(
      List<? extends Number> inputIds,
      List<? extends Number> attentionMask,
      List<? extends Number> tokenTypes,
      List<? extends Number> label) {
    TokenizedRow row = rows.of(inputIds, attentionMask, tokenTypes, null, LabelKind.SAME_TOKENS);
    if (row.example().isEmpty()) {
      return row;
    }
    return wrong(label, () -> "input_ids " + numbers(row.example().orElseThrow().ids()))
        .orElseGet(() -> withNumbers(row, row.cut(), label));
  }

  private Optional<TokenizedRow> wrong(List<? extends Number> label, Supplier<String> shown) {
    if (label == null) {
      return Optional.of(TokenizedRow.of(RowProblem.NO_LABEL, shown.get() + ", label null"));
    }
    return rules
        .numbers()
        .problem(label)
        .map(
            problem ->
                TokenizedRow.of(
                    RowProblem.WRONG_LABEL, "label %s of %s".formatted(problem, shown.get())));
  }

  private static TokenizedRow withNumbers(TokenizedRow row, int cut, List<? extends Number> label) {
    return row.example()
        .map(
            example -> {
              float[] numbers = new float[label.size()];
              for (int i = 0; i < numbers.length; i++) {
                numbers[i] = label.get(i).floatValue();
              }
              Example labelled = Example.withNumbers(example.ids(), numbers);
              return TokenizedRow.of(labelled.withSecond(example.second()), cut);
            })
        .orElse(row);
  }

  private static TokenizedRow withLabels(TokenizedRow row, int cut, int[] labels) {
    return row.example()
        .map(example -> TokenizedRow.of(new Example(example.ids(), labels, LabelKind.WRITTEN), cut))
        .orElse(row);
  }

  private static TokenizedRow keptWithoutLoss(TokenizedRow row) {
    return row.example()
        .filter(example -> example.lossTerms() == 0)
        .map(
            example ->
                TokenizedRow.kept(
                    example,
                    RowProblem.NOTHING_LEARNED,
                    "input_ids %s, labels %s"
                        .formatted(numbers(example.ids()), numbers(example.labels())),
                    row.cut()))
        .orElse(row);
  }

  private static String numbers(int[] numbers) {
    return Shortened.numbers(Arrays.stream(numbers).boxed().toList());
  }

  private static int[] withEos(TextTokenizer tokenizer, int[] ids) {
    if (tokenizer.eos().isEmpty()) {
      return ids;
    }
    int eos = tokenizer.eos().getAsInt();
    if (ids.length > 0 && ids[ids.length - 1] == eos) {
      return ids;
    }
    int[] ended = Arrays.copyOf(ids, ids.length + 1);
    ended[ids.length] = eos;
    return ended;
  }

  private TokenizedRow cutAndCheck(int[] ids, int[] labels, Supplier<String> shown) {
    TokenizedRow row = rows.cut(ids, labels, rules.kind());
    return learned(
        row,
        row.cut(),
        () ->
            "nothing to predict in the first %d of its %d tokens: %s"
                .formatted(Math.min(ids.length, rules.maxLength()), ids.length, shown.get()));
  }

  private static TokenizedRow learned(TokenizedRow row, int cut, Supplier<String> shown) {
    return row.example()
        .map(
            example ->
                example.lossTerms() == 0
                    ? TokenizedRow.of(RowProblem.NO_LOSS_TERM, shown.get())
                    : TokenizedRow.of(example, cut))
        .orElse(row);
  }
}
