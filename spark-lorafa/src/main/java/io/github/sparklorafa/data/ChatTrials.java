package io.github.sparklorafa.data;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Short conversations that tell whether a chat template can write any: first those of a user and an
 * assistant, then those of other roles, which a template compares with names of its own.
 */
final class ChatTrials {
  private static final String USER = "user";
  private static final String ASSISTANT = "assistant";

  /** What may be a role: a word in quotes. */
  private static final Pattern NAME = Pattern.compile("['\"]([\\w-]{1,20})['\"]");

  /** Each pair of roles is tried. */
  private static final int MOST_ROLES = 12;

  private ChatTrials() {}

  /**
   * The conversations that a template is tried on, the likeliest first.
   *
   * @param template its source
   */
  static List<List<Map<String, String>>> of(String template) {
    Set<String> roles = new LinkedHashSet<>(List.of(USER, ASSISTANT));
    Matcher names = NAME.matcher(template);
    while (roles.size() < MOST_ROLES && names.find()) {
      roles.add(names.group(1));
    }
    List<List<Map<String, String>>> talks = new ArrayList<>();
    for (String answering : answering(template, roles)) {
      for (String asking : roles) {
        talks.add(List.of(message(asking, "Hi"), message(answering, "Hello")));
      }
      for (String asking : roles) {
        talks.add(
            List.of(
                message("system", "Be kind"), message(asking, "Hi"), message(answering, "Hello")));
      }
    }
    return talks;
  }

  /** Only the assistant is learned, unless the template marks what is. */
  private static Set<String> answering(String template, Set<String> roles) {
    if (!template.contains("endgeneration")) {
      return Set.of(ASSISTANT);
    }
    Set<String> all = new LinkedHashSet<>(Set.of(ASSISTANT));
    all.addAll(roles);
    return all;
  }

  private static Map<String, String> message(String role, String content) {
    return Map.of("role", role, "content", content);
  }
}
