package io.github.sparklorafa.spark.progress;

import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;

/**
 * Takes secrets out of what is shown or stored: values of options whose key or value says that they
 * are one, by Spark's own settings and some words more, and credentials within URIs.
 */
public final class Redaction {
  /** In the place of a secret; Spark's own word. */
  public static final String REDACTED = "*********(redacted)";

  private static final String OPTION_KEYS =
      "(?i)pass(word|wd|phrase)?$|secret|token|credential|signature|sas$|auth|(access|account|api)[._-]?key";

  private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^/@\\s\"']+@");

  private static final Pattern QUERY =
      Pattern.compile(
          "(?i)([?&;](?:sig|[a-z0-9._-]*(?:secret|passw|token|credential|signature|key)[a-z0-9._-]*)=)"
              + "[^&;\\s\"']+");

  private final Pattern sparks;
  private final Pattern sqls;
  private final Pattern ours = Pattern.compile(OPTION_KEYS);

  /** By the settings of an application. */
  public Redaction(SparkConf conf) {
    sparks =
        Pattern.compile(
            conf.get("spark.redaction.regex", "(?i)secret|password|token|access[.]?key"));
    sqls = Pattern.compile(conf.get("spark.sql.redaction.options.regex", "(?i)url"));
  }

  /** Options of a reader without secrets, by the same keys. */
  public Map<String, String> options(Map<String, String> options) {
    return options.entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                option ->
                    isSecret(option.getKey(), option.getValue())
                        ? REDACTED
                        : text(option.getValue())));
  }

  private boolean isSecret(String key, String value) {
    return sparks.matcher(key).find()
        || sqls.matcher(key).find()
        || ours.matcher(key).find()
        || sparks.matcher(value).find();
  }

  /** Text without the credentials of URIs in it. */
  public static String text(String text) {
    String anonymous = USER_INFO.matcher(text).replaceAll(REDACTED + "@");
    return QUERY
        .matcher(anonymous)
        .replaceAll("$1" + java.util.regex.Matcher.quoteReplacement(REDACTED));
  }
}
