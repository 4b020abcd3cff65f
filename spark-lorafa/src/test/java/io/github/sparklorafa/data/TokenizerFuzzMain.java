package io.github.sparklorafa.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * Opens damaged tokenizers in a process of its own, since the library behind them is native.
 *
 * <p>Prints {@code refused N} at the end, or the exception that is none of ours.
 */
final class TokenizerFuzzMain {
  private TokenizerFuzzMain() {}

  /** Arguments: a whole tokenizer.json, a folder to work in, how often. */
  public static void main(String[] args) throws IOException {
    String whole = Files.readString(Path.of(args[0]));
    Path folder = Path.of(args[1]);
    int refused = 0;
    for (int i = 0; i < Integer.parseInt(args[2]); i++) {
      String damaged = damaged(whole, new Random(i));
      Files.write(folder.resolve("tokenizer.json"), damaged.getBytes(StandardCharsets.UTF_8));
      refused += opens(folder, i) ? 0 : 1;
    }
    System.out.println("refused " + refused);
  }

  private static boolean opens(Path folder, int round) {
    try (TextTokenizer tokenizer = TextTokenizer.open(folder, 100_000)) {
      tokenizer.decode(tokenizer.encode("Why is the sky blue? \u00e9\u4e16"));
      return true;
    } catch (IllegalArgumentException e) {
      if (!e.getMessage().startsWith("Cannot ")) {
        throw new IllegalStateException("round " + round, e);
      }
      return false;
    }
  }

  private static String damaged(String whole, Random random) {
    String[] spices = {
      "-1", "null", "{}", "[]", "\"\"", "1e400", "4294967296", "[[[[", "true", ","
    };
    int at = random.nextInt(whole.length());
    int end = Math.min(whole.length(), at + random.nextInt(30));
    return switch (random.nextInt(4)) {
      case 0 -> whole.substring(0, at);
      case 1 -> whole.substring(0, at) + whole.substring(end);
      case 2 -> {
        // A value in the place of another one: what is likeliest to stay valid JSON.
        int colon = whole.indexOf(':', at);
        int stop = colon;
        while (stop >= 0 && stop < whole.length() && ",}]".indexOf(whole.charAt(stop)) < 0) {
          stop++;
        }
        yield whole.substring(0, colon + 1)
            + spices[random.nextInt(spices.length)]
            + whole.substring(Math.max(stop, 0));
      }
      default ->
          whole.substring(0, at) + spices[random.nextInt(spices.length)] + whole.substring(end);
    };
  }
}
