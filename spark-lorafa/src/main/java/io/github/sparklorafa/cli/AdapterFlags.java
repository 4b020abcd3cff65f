package io.github.sparklorafa.cli;

import io.github.sparklorafa.lora.TargetModules;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainConfigBuilder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The flags that say which modules get an adapter, and which one. */
final class AdapterFlags {
  private AdapterFlags() {}

  static void add(FlagList f) {
    f.add(
        "target-modules",
        "NAMES",
        "Modules that get an adapter: names, comma-separated, all-linear, or regex:EXPRESSION,"
            + " which whole names match.",
        c -> String.join(",", c.targetModules()),
        AdapterFlags::modules,
        TrainConfigBuilder::targetModules);
    f.add(
        "exclude-modules",
        "NAMES",
        "Modules that get none all the same, written as target modules are.",
        c -> String.join(",", c.excludeModules()),
        AdapterFlags::modules,
        TrainConfigBuilder::excludeModules);
    f.add(
        "layers-to-transform",
        "NUMBERS",
        "The only layers that get adapters, from 0, comma-separated.",
        c -> c.layersToTransform().stream().map(String::valueOf).collect(Collectors.joining(",")),
        text -> FlagList.names(text).stream().map(FlagList::smallNumber).toList(),
        TrainConfigBuilder::layersToTransform);
    f.add(
        "rank-pattern",
        "MODULE=N,...",
        "Ranks of modules whose names end so; a regular expression, the first that matches.",
        c -> text(c.rankPattern(), String::valueOf),
        text -> pattern(text, FlagList::smallNumber),
        TrainConfigBuilder::rankPattern);
    f.add(
        "alpha-pattern",
        "MODULE=X,...",
        "Alphas in the same way.",
        c -> text(c.alphaPattern(), FlagList::shortText),
        text -> pattern(text, FlagList::realNumber),
        TrainConfigBuilder::alphaPattern);
    f.real(
        "lora-dropout",
        "Share of the numbers of A's input that training leaves out at random.",
        TrainConfig::loraDropout,
        TrainConfigBuilder::loraDropout);
  }

  /** A regular expression may have commas. */
  private static List<String> modules(String text) {
    return text.trim().startsWith(TargetModules.REGEX)
        ? List.of(text.trim())
        : FlagList.names(text);
  }

  /** {@code key=value,…}; a comma begins a new entry only if what follows has a value too. */
  private static <N> Map<String, N> pattern(String text, Function<String, N> number) {
    Map<String, N> pattern = new LinkedHashMap<>();
    for (String entry : text.split("(?<==[0-9eE.+-]{1,20}),")) {
      int equals = entry.lastIndexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException("write MODULE=NUMBER, comma-separated");
      }
      String key = entry.substring(0, equals).trim();
      if (pattern.put(key, number.apply(entry.substring(equals + 1))) != null) {
        throw new IllegalArgumentException("write " + key + " once");
      }
    }
    return pattern;
  }

  private static <N> String text(Map<String, N> pattern, Function<N, String> number) {
    return pattern.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + number.apply(entry.getValue()))
        .collect(Collectors.joining(","));
  }
}
