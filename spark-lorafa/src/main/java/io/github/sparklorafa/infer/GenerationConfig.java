package io.github.sparklorafa.infer;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * How the next token is chosen, and when a text ends; the names and the order of work are those of
 * Hugging Face's {@code generate}: repetition penalty, temperature, top-k, top-p.
 *
 * @param maxNewTokens the most tokens to write after a prompt
 * @param temperature that logits are divided by; 0 takes the likeliest token
 * @param topK how many of the likeliest tokens are left; 0 is off
 * @param topP probability that the likeliest tokens left must reach together; 1 is off
 * @param repetitionPenalty that the logits of tokens already there are divided by, or multiplied
 *     with where they are negative; 1 is off
 * @param stop strings that end a text, and are not part of it
 * @param seed of the random numbers; each row draws its own, by its index
 * @param beamSearch versions of a text that are written side by side
 */
public record GenerationConfig(
    int maxNewTokens,
    double temperature,
    int topK,
    double topP,
    double repetitionPenalty,
    List<String> stop,
    long seed,
    BeamSearch beamSearch)
    implements Serializable {

  /**
   * Checks all values.
   *
   * @throws IllegalArgumentException with every problem, one a line
   */
  public GenerationConfig {
    stop = List.copyOf(stop);
    List<String> problems = new ArrayList<>();
    check(problems, maxNewTokens >= 1, "max new tokens", maxNewTokens, "use 1 or more");
    check(
        problems,
        temperature >= 0 && Double.isFinite(temperature),
        "temperature",
        temperature,
        "use 0 for the likeliest token, or a number above it");
    check(problems, topK >= 0, "top-k", topK, "use 1 or more, or 0 for all tokens");
    check(problems, topP > 0 && topP <= 1, "top-p", topP, "use a number above 0 up to 1");
    check(
        problems,
        repetitionPenalty > 0 && Double.isFinite(repetitionPenalty),
        "repetition penalty",
        repetitionPenalty,
        "use a number above 0; 1 is none");
    check(problems, !stop.contains(""), "stop string", "\"\"", "leave it out, or name a text");
    checkBeams(problems, beamSearch, temperature == 0, stop);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
  }

  private static void checkBeams(
      List<String> problems, BeamSearch search, boolean greedy, List<String> stop) {
    int beams = search.numBeams();
    check(
        problems,
        beams >= 1 && beams <= BeamSearch.MOST,
        "number of beams",
        beams,
        "use 1 for no search, or up to " + BeamSearch.MOST);
    check(
        problems,
        Double.isFinite(search.lengthPenalty()),
        "length penalty",
        search.lengthPenalty(),
        "use a number; 1 divides by the length");
    if (search.isOn()) {
      check(problems, greedy, "beams", beams, "leave the temperature at 0, or use 1 beam");
      check(problems, stop.isEmpty(), "beams", beams, "leave out the stop strings, or use 1 beam");
    }
  }

  private static void check(
      List<String> problems, boolean good, String what, Object value, String wayOut) {
    if (!good) {
      problems.add("Cannot use %s: %s (%s)".formatted(what, value, wayOut));
    }
  }

  /** One version of a text, as it comes. */
  public GenerationConfig(
      int maxNewTokens,
      double temperature,
      int topK,
      double topP,
      double repetitionPenalty,
      List<String> stop,
      long seed) {
    this(maxNewTokens, temperature, topK, topP, repetitionPenalty, stop, seed, BeamSearch.OFF);
  }

  /** The likeliest token each time. */
  public static GenerationConfig greedy(int maxNewTokens) {
    return new GenerationConfig(maxNewTokens, 0, 0, 1, 1, List.of(), 0);
  }

  /** The same with strings that end a text. */
  public GenerationConfig withStop(List<String> strings) {
    return new GenerationConfig(
        maxNewTokens, temperature, topK, topP, repetitionPenalty, strings, seed, beamSearch);
  }

  /** The same with a search for the likeliest text. */
  public GenerationConfig with(BeamSearch search) {
    return new GenerationConfig(
        maxNewTokens, temperature, topK, topP, repetitionPenalty, stop, seed, search);
  }

  /** Whether no random number is drawn. */
  public boolean isGreedy() {
    return temperature == 0;
  }
}
