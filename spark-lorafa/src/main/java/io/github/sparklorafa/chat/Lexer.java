package io.github.sparklorafa.chat;

import io.github.sparklorafa.chat.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens, with {@code trim_blocks} and {@code lstrip_blocks} as Hugging Face
 * sets them: the line break after a block goes, and the blanks before one that begins its line.
 */
final class Lexer {
  private static final Pattern START = Pattern.compile("\\{([{%#])([-+]?)");
  private static final Pattern ENDRAW =
      Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(?:\\+%\\}|-%\\}\\s*|%\\}\\n?)");
  private static final Pattern COMMENT_END =
      Pattern.compile("(?:\\+#\\}|-#\\}\\s*|#\\}\\n?)", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern BLOCK_END =
      Pattern.compile("(?:\\+%\\}|-%\\}\\s*|%\\}\\n?)", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern PRINT_END =
      Pattern.compile("(?:-\\}\\}\\s*|\\}\\})", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern RAW = Pattern.compile("\\{%[-+]?\\s*raw\\s*(?:-%\\}\\s*|%\\}\\n?)");
  private static final Pattern PART =
      Pattern.compile(
          "(?<space>\\s+)|(?<real>\\d[\\d_]*(?:\\.\\d[\\d_]*(?:[eE][-+]?\\d+)?|[eE][-+]?\\d+))"
              + "|(?<integer>\\d[\\d_]*)|(?<name>[\\p{L}_][\\p{L}\\p{N}_]*)"
              + "|(?<string>'[^'\\\\]*+(?:\\\\.[^'\\\\]*+)*+'|\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\")"
              + "|(?<operator>\\*\\*|//|==|!=|<=|>=|[-+*/%~<>=.:,|()\\[\\]{}])",
          Pattern.DOTALL);
  private static final Map<String, String> CLOSING = Map.of("(", ")", "[", "]", "{", "}");
  private static final Pattern ESCAPE =
      Pattern.compile("\\\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", 32);

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private boolean lineStarts = true;
  private int counted;
  private int line = 1;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String template) {
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    Lexer lexer =
        new Lexer(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    Matcher start = START.matcher(source);
    while (start.find(at)) {
      text(start.start(), start.group(2), !start.group(1).equals("{"));
      Matcher raw = RAW.matcher(source).region(start.start(), source.length());
      if (raw.lookingAt()) {
        raw(raw.end());
      } else if (start.group(1).equals("#")) {
        end(COMMENT_END.matcher(source), start.end(), "comment");
      } else {
        boolean block = start.group(1).equals("%");
        add(block ? Kind.BLOCK_START : Kind.PRINT_START, start.group());
        at = start.end();
        inside(block);
      }
    }
    text(source.length(), "+", false);
    add(Kind.END, "");
  }

  /** The text up to a tag, which may strip blanks from its end. */
  private void text(int end, String sign, boolean block) {
    String text = source.substring(at, end);
    if (sign.equals("-")) {
      text = Texts.strip(text, null, false, true);
    } else if (block && sign.isEmpty()) {
      int line = text.lastIndexOf('\n') + 1;
      boolean wholeLine = line > 0 || lineStarts;
      text = wholeLine && text.substring(line).isBlank() ? text.substring(0, line) : text;
    }
    if (!text.isEmpty()) {
      add(Kind.TEXT, text);
    }
  }

  private void raw(int from) {
    Matcher end = ENDRAW.matcher(source);
    if (!end.find(from)) {
      throw wrong("raw is not closed");
    }
    at = from;
    text(end.start(), end.group(1), true);
    at = end.end();
    lineStarts = source.charAt(at - 1) == '\n';
  }

  private void end(Matcher end, int from, String what) {
    if (!end.find(from)) {
      throw wrong("a " + what + " is not closed");
    }
    at = end.end();
    lineStarts = source.charAt(at - 1) == '\n';
  }

  private void inside(boolean block) {
    Deque<String> open = new ArrayDeque<>();
    Matcher end = (block ? BLOCK_END : PRINT_END).matcher(source);
    Matcher part = PART.matcher(source);
    while (at < source.length()) {
      if (open.isEmpty() && end.region(at, source.length()).lookingAt()) {
        add(block ? Kind.BLOCK_END : Kind.PRINT_END, end.group());
        at = end.end();
        lineStarts = source.charAt(at - 1) == '\n';
        return;
      }
      if (!part.region(at, source.length()).lookingAt()) {
        throw wrong("unexpected " + source.charAt(at));
      }
      add(part, open);
      at = part.end();
    }
    throw wrong("a tag is not closed");
  }

  private void add(Matcher part, Deque<String> open) {
    String text = part.group();
    if (part.group("real") != null) {
      add(Kind.REAL, text.replace("_", ""));
    } else if (part.group("integer") != null) {
      add(Kind.INTEGER, text.replace("_", ""));
    } else if (part.group("name") != null) {
      add(Kind.NAME, text);
    } else if (part.group("string") != null) {
      add(Kind.STRING, unescaped(text.substring(1, text.length() - 1)));
    } else if (part.group("operator") != null) {
      if (CLOSING.containsKey(text)) {
        open.push(CLOSING.get(text));
      } else if (CLOSING.containsValue(text) && !(text.equals(open.poll()))) {
        throw wrong("unexpected " + text);
      }
      add(Kind.OPERATOR, text);
    }
  }

  private static String unescaped(String text) {
    return ESCAPE
        .matcher(text)
        .replaceAll(
            match -> {
              for (int group = 1; group <= 3; group++) {
                if (match.group(group) != null) {
                  int code = Integer.parseUnsignedInt(match.group(group), 16);
                  return Matcher.quoteReplacement(Character.toString(code));
                }
              }
              return Matcher.quoteReplacement(
                  switch (match.group(4)) {
                    case "n" -> "\n";
                    case "t" -> "\t";
                    case "r" -> "\r";
                    case "0" -> "\0";
                    case "a" -> "\u0007";
                    case "b" -> "\b";
                    case "f" -> "\f";
                    case "v" -> "\u000b";
                    case "\n" -> "";
                    case "\\", "'", "\"" -> match.group(4);
                    default -> match.group();
                  });
            });
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, line()));
  }

  /** Counted on from where it was asked for last: a template may have as many tokens as lines. */
  private int line() {
    int from = Math.min(counted, at);
    int more = (int) source.substring(from, at).chars().filter(c -> c == '\n').count();
    line = counted > at ? line : line + more;
    counted = at;
    return line;
  }

  private TemplateException wrong(String what) {
    return TemplateException.of("line %d: %s".formatted(line(), what));
  }
}
