package io.github.sparklorafa.markup;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Builds a page in Markdown, in which everything from outside stands as the text that it is. */
public final class Markdown {
  private static final Pattern SPECIAL = Pattern.compile("[\\\\`*_\\[\\]|~#!]");
  private static final Pattern TICKS = Pattern.compile("`{3,}");

  private final StringBuilder out = new StringBuilder();

  /** The program's own words, as they are. */
  public Markdown say(String markdown) {
    out.append(markdown);
    return this;
  }

  /** A paragraph break. */
  public Markdown paragraph() {
    return say("\n\n");
  }

  /** The head of a table with these columns, of the program's own words. */
  public Markdown table(String... heads) {
    say("\n| ").say(String.join(" | ", heads)).say(" |\n|");
    return say("---|".repeat(heads.length)).say("\n");
  }

  /** A row of a table. */
  public Markdown row(String... cells) {
    say("|");
    for (String cell : cells) {
      say(" ").text(cell).say(" |");
    }
    return say("\n");
  }

  /** Text on one line. */
  public Markdown text(String content) {
    String line = content.replaceAll("[\\p{Cntrl}\\s]+", " ");
    String marked = SPECIAL.matcher(line).replaceAll(Matcher.quoteReplacement("\\") + "$0");
    return say(marked.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"));
  }

  /** Lines as they are, between fences that none of them is. */
  public Markdown code(String language, String content) {
    int longest = 2;
    Matcher ticks = TICKS.matcher(content);
    while (ticks.find()) {
      longest = Math.max(longest, ticks.end() - ticks.start());
    }
    String fence = "`".repeat(longest + 1);
    return say("\n" + fence + language + "\n" + content + "\n" + fence + "\n");
  }

  /** The text so far. */
  @Override
  public String toString() {
    return out.toString();
  }
}
