package io.github.sparklorafa.chat;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A chat template: the part of Jinja that checkpoints use, evaluated as Python's {@code jinja2}
 * does under Hugging Face's {@code apply_chat_template}.
 *
 * <p>That is all expressions; {@code for}, {@code if}, {@code set}, {@code macro}, {@code filter},
 * {@code raw}, {@code break}, {@code continue} and {@code generation}; {@code raise_exception},
 * {@code strftime_now}, {@code namespace}, {@code range} and {@code dict}. What it does not know it
 * refuses by name when it is read. Immutable; any number of threads may render at once.
 *
 * <p>{@code strftime_now} always answers {@value #MOMENT}, the date that Llama 3's templates fall
 * back to: text that depends on the day would make another dataset of the same rows each day.
 */
public final class Template {
  private static final String MOMENT = "2024-07-26T00:00:00";

  private final List<Statement> statements;

  private Template(List<Statement> statements) {
    this.statements = statements;
  }

  /**
   * Reads a template.
   *
   * @throws TemplateException if it is not one, or uses a tag, filter or test that is not known,
   *     with the line
   */
  public static Template parse(String template) {
    try {
      return new Template(TemplateParser.parse(template));
    } catch (TemplateException e) {
      throw e;
    } catch (RuntimeException e) {
      throw TemplateException.of("it ends too early, or has a number that is too large");
    } catch (StackOverflowError e) {
      throw TemplateException.of("it is nested too deeply");
    }
  }

  /**
   * Writes text for variables.
   *
   * @param variables null, Boolean, numbers, String, List and Map
   * @throws TemplateException as the template itself raises it, or if a variable is not what it
   *     expects
   */
  public Rendered render(Map<String, ?> variables) {
    Map<String, Object> all = globals();
    variables.forEach((name, value) -> all.put(name, Values.of(value)));
    Output output = new Output();
    return Effort.limited(() -> rendered(all, output));
  }

  private Rendered rendered(Map<String, Object> all, Output output) {
    try {
      Statement.all(statements, new Scope(all, output));
    } catch (Leave e) {
      throw TemplateException.of("break or continue outside a loop");
    } catch (TemplateException e) {
      throw e;
    } catch (RuntimeException e) {
      throw TemplateException.of("a function is called with other arguments than it takes");
    } catch (StackOverflowError e) {
      throw TemplateException.of("macros call each other without an end");
    }
    return new Rendered(output.text.toString(), List.copyOf(output.generated));
  }

  private static Map<String, Object> globals() {
    Map<String, Object> globals = new LinkedHashMap<>();
    globals.put(
        "raise_exception",
        (Call)
            (arguments, named) -> {
              throw TemplateException.of(Texts.of(arguments.get(0)));
            });
    globals.put("strftime_now", (Call) (arguments, named) -> date(Texts.of(arguments.get(0))));
    globals.put(
        "namespace", (Call) (arguments, named) -> new Values.Namespace(mapping(arguments, named)));
    globals.put("dict", (Call) Template::mapping);
    globals.put("range", (Call) (arguments, named) -> range(arguments));
    return globals;
  }

  private static Map<String, Object> mapping(List<Object> arguments, Map<String, Object> named) {
    Map<String, Object> values = new LinkedHashMap<>();
    if (!arguments.isEmpty() && arguments.get(0) instanceof Map<?, ?> given) {
      given.forEach((key, value) -> values.put(Texts.of(key), value));
    }
    values.putAll(named);
    return values;
  }

  private static List<Object> range(List<Object> arguments) {
    List<Long> bounds = arguments.stream().map(bound -> Values.number(bound).longValue()).toList();
    long start = bounds.size() > 1 ? bounds.get(0) : 0;
    long end = bounds.get(bounds.size() > 1 ? 1 : 0);
    long step = bounds.size() > 2 ? bounds.get(2) : 1;
    if (step == 0) {
      throw TemplateException.of("a range has no step of zero");
    }
    List<Object> range = new ArrayList<>();
    for (long i = start; step > 0 ? i < end : i > end; i += step) {
      Effort.elements(1);
      range.add(i);
      if (step > 0 ? i > Long.MAX_VALUE - step : i < Long.MIN_VALUE - step) {
        break;
      }
    }
    return range;
  }

  private static String date(String format) {
    LocalDateTime moment = LocalDateTime.parse(MOMENT);
    StringBuilder date = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        date.append(c);
        continue;
      }
      boolean bare = format.charAt(i + 1) == '-' && i + 2 < format.length();
      i += bare ? 2 : 1;
      String part = part(format.charAt(i), moment);
      date.append(bare ? part.replaceFirst("^0(?=.)", "") : part);
    }
    return date.toString();
  }

  private static String part(char code, LocalDateTime moment) {
    String pattern =
        switch (code) {
          case 'a' -> "EEE";
          case 'A' -> "EEEE";
          case 'b', 'h' -> "MMM";
          case 'B' -> "MMMM";
          case 'd' -> "dd";
          case 'H' -> "HH";
          case 'I' -> "hh";
          case 'j' -> "DDD";
          case 'm' -> "MM";
          case 'M' -> "mm";
          case 'p' -> "a";
          case 'S' -> "ss";
          case 'y' -> "yy";
          case 'Y' -> "yyyy";
          case 'F' -> "yyyy-MM-dd";
          case 'T' -> "HH:mm:ss";
          case 'R' -> "HH:mm";
          case 'D' -> "MM/dd/yy";
          case '%' -> "'%'";
          default -> throw TemplateException.of("strftime_now does not know %%%c".formatted(code));
        };
    return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(moment);
  }
}
