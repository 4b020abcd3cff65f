package io.github.sparklorafa.infer;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;

/**
 * How many versions of a text are written side by side, and which of them wins; names and rules are
 * those of Hugging Face's {@code generate}.
 *
 * @param numBeams versions that go on after each token; 1 is no search
 * @param lengthPenalty exponent of the length that the sum of log-probabilities is divided by:
 *     above 0 longer texts win more often, below 0 shorter ones
 * @param earlyStopping when the search ends
 */
public record BeamSearch(int numBeams, double lengthPenalty, EarlyStopping earlyStopping)
    implements Serializable {
  /** One version, as it comes. */
  public static final BeamSearch OFF = new BeamSearch(1, 1, EarlyStopping.FALSE);

  /** Most versions: each has a cache of its own. */
  static final int MOST = 256;

  /** When a search ends that has as many ended texts as beams. */
  public enum EarlyStopping {
    /** At once. */
    TRUE,
    /** When the likeliest version, were it to end now, would not be among them. */
    FALSE,
    /** When it could not be at any length. */
    NEVER;

    /** The name on the command line: {@code true}, {@code false}, {@code never}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The rule of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static EarlyStopping parse(String text) {
      return Arrays.stream(values())
          .filter(rule -> rule.text().equals(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "Cannot use early stopping: " + text + " (use true, false or never)"));
    }
  }

  /** Whether there is more than one version. */
  public boolean isOn() {
    return numBeams > 1;
  }

  /** The score of a text of that many tokens. */
  float score(float logProbability, int tokens) {
    return (float) (logProbability / Math.pow(tokens, lengthPenalty));
  }
}
