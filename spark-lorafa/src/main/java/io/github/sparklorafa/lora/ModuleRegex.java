package io.github.sparklorafa.lora;

import java.util.Collection;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Python's regular expressions over the names of modules, matched where PEFT 0.21 matches them.
 *
 * <p>Named groups are read in Python's writing. An expression that goes on and on, as nested
 * repetitions may, is given up with an error.
 *
 * @see <a href="https://github.com/huggingface/peft/blob/main/src/peft/tuners/tuners_utils.py">
 *     check_target_module_exists</a> and {@code get_pattern_key}
 */
final class ModuleRegex {
  private static final String LAYER_GROUP = "idx";
  private static final String LAYER = "(?<idx>\\d+)\\.";

  /** A group with a name in Python's writing, and what stands for its text. */
  private static final Pattern NAMED = Pattern.compile("\\(\\?P<(\\w+)>");

  private static final Pattern NAMED_AGAIN = Pattern.compile("\\(\\?P=(\\w+)\\)");

  private ModuleRegex() {}

  /** Python's {@code re.fullmatch(regex, module)}. */
  static boolean matchesWhole(String regex, String module) {
    return matched(regex, () -> compiled(regex).matcher(new Bounded(regex, module)).matches());
  }

  /** The first of {@code keys} that matches the end of {@code module}, from a dot on or whole. */
  static Optional<String> firstKey(Collection<String> keys, String module) {
    return keys.stream().filter(key -> matchesEnd(key, module)).findFirst();
  }

  /** Python's {@code re.match(rf"(.*\.)?({regex})$", module)}. */
  static boolean matchesEnd(String regex, String module) {
    Pattern pattern = compiled("(.*\\.)?(" + regex + ")$");
    return matched(regex, () -> pattern.matcher(new Bounded(regex, module)).lookingAt());
  }

  /**
   * The number of the layer that {@code module} is in: the first number between dots, behind a name
   * that matches one of {@code patterns} where there are any.
   */
  static OptionalInt layer(Collection<String> patterns, String module) {
    if (patterns.isEmpty()) {
      return layer(".*?\\.[^.]*\\." + LAYER, module);
    }
    return patterns.stream()
        .map(pattern -> layer("(?:^|.*?\\.)" + pattern + "\\." + LAYER, module))
        .filter(OptionalInt::isPresent)
        .findFirst()
        .orElse(OptionalInt.empty());
  }

  private static OptionalInt layer(String regex, String module) {
    Matcher matcher = compiled(regex).matcher(new Bounded(regex, module));
    // Nine digits are an int, and more layers than any model has.
    return matched(regex, matcher::lookingAt) && matcher.group(LAYER_GROUP).length() <= 9
        ? OptionalInt.of(Integer.parseInt(matcher.group(LAYER_GROUP)))
        : OptionalInt.empty();
  }

  /** The answer; a repetition over a long name takes one frame of the stack a character. */
  private static boolean matched(String regex, BooleanSupplier match) {
    try {
      return match.getAsBoolean();
    } catch (StackOverflowError e) {
      throw tooLong(regex);
    }
  }

  private static IllegalArgumentException tooLong(String regex) {
    return new IllegalArgumentException(
        "Cannot match regular expression: %s (it takes too long; write it without nested repetitions)"
            .formatted(regex));
  }

  /**
   * The expression, compiled. Names of groups lose their underscores, which Java's may not have.
   *
   * @throws IllegalArgumentException if it is none
   */
  static Pattern compiled(String regex) {
    try {
      String named = NAMED.matcher(regex).replaceAll(group -> "(?<" + javaName(group) + ">");
      return Pattern.compile(
          NAMED_AGAIN.matcher(named).replaceAll(group -> "\\\\k<" + javaName(group) + ">"));
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "Cannot read regular expression: %s (%s; write it as Python's re reads it)"
              .formatted(regex, e.getDescription()),
          e);
    }
  }

  private static String javaName(MatchResult group) {
    return group.group(1).replace("_", "U95");
  }

  /** A name that may be looked at so often only: the way to stop {@link Pattern}. */
  private static final class Bounded implements CharSequence {
    private static final int MOST = 1_000_000;

    private final String regex;
    private final CharSequence text;
    private int looks;

    Bounded(String regex, CharSequence text) {
      this.regex = regex;
      this.text = text;
    }

    @Override
    public char charAt(int index) {
      if (++looks > MOST) {
        throw tooLong(regex);
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }
}
