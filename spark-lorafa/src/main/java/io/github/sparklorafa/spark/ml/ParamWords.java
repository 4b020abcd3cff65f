package io.github.sparklorafa.spark.ml;

import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.spark.ml.param.Params;

/**
 * Tells what the engine refuses in the words of params: where a message names a flag of the command
 * line whose param the stage has, it names the param's setter.
 */
final class ParamWords {
  private static final Pattern FLAG = Pattern.compile("--([a-z][a-z0-9]*(?:-[a-z0-9]+)*)");

  private ParamWords() {}

  /**
   * What {@code work} gives.
   *
   * @throws IllegalArgumentException as {@code work} does, in other words
   */
  static <V> V of(Params owner, Supplier<V> work) {
    try {
      return work.get();
    } catch (IllegalArgumentException e) {
      String told = told(owner, String.valueOf(e.getMessage()));
      if (told.equals(e.getMessage())) {
        throw e;
      }
      throw new IllegalArgumentException(told, e);
    }
  }

  static String told(Params owner, String message) {
    return FLAG.matcher(message).replaceAll(flag -> setter(owner, flag));
  }

  private static String setter(Params owner, MatchResult flag) {
    String param =
        Pattern.compile("-([a-z0-9])")
            .matcher(flag.group(1))
            .replaceAll(next -> next.group(1).toUpperCase(java.util.Locale.ROOT));
    return owner.hasParam(param)
        ? "set" + Character.toUpperCase(param.charAt(0)) + param.substring(1)
        : flag.group();
  }
}
