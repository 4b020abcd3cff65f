package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.LoraModule;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Checks an adapter's tensors against its own configuration. */
final class AdapterTensors {
  private static final String LORA_A = LoraModule.A_SUFFIX;
  private static final String LORA_B = LoraModule.B_SUFFIX;

  /** PEFT names both for each classification, and a model calls its head one of them. */
  private static final Set<String> HEADS = Set.of("classifier", "score");

  private final AdapterConfig config;
  private final Problems problems;

  AdapterTensors(AdapterConfig config, Problems problems) {
    this.config = config;
    this.problems = problems;
  }

  /** Reports what does not fit; returns the shapes by name without PEFT's prefix. */
  Map<String, long[]> check(SafetensorsFile file) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    for (String key : file.names()) {
      if (!key.startsWith(AdapterFiles.PREFIX)) {
        problems.add(
            "tensor %s does not begin with %s".formatted(Problems.quote(key), AdapterFiles.PREFIX));
        continue;
      }
      String name = key.substring(AdapterFiles.PREFIX.length());
      shapes.put(name, file.shape(key));
      if (!file.loadable(key)) {
        problems.add(
            "tensor %s has dtype %s instead of F32, BF16 or F16"
                .formatted(Problems.quote(name), file.dtype(key)));
      }
    }
    if (shapes.isEmpty()) {
      problems.add("it holds no tensor");
    }
    shapes.forEach((name, shape) -> check(name, shape, shapes));
    checkSaved(shapes);
    return shapes;
  }

  private void check(String name, long[] shape, Map<String, long[]> shapes) {
    if (name.endsWith(LORA_A)) {
      checkPair(name, LORA_A, LORA_B, shape, 0, shapes);
    } else if (name.endsWith(LORA_B)) {
      checkPair(name, LORA_B, LORA_A, shape, 1, shapes);
    } else if (!isSaved(module(name))) {
      problems.add(
          "tensor %s is neither %s nor %s nor of modules_to_save %s"
              .formatted(
                  Problems.quote(name),
                  LORA_A.substring(1),
                  LORA_B.substring(1),
                  config.modulesToSave()));
    }
  }

  private void checkPair(
      String name,
      String end,
      String otherEnd,
      long[] shape,
      int rankDimension,
      Map<String, long[]> shapes) {
    String module = name.substring(0, name.length() - end.length());
    if (!shapes.containsKey(module + otherEnd)) {
      problems.add("tensor %s%s is missing".formatted(Problems.quote(module), otherEnd));
    }
    if (shape.length != 2 || shape[rankDimension] != config.rankOf(module)) {
      problems.add(
          "tensor %s has shape %s, which does not fit rank %d"
              .formatted(Problems.quote(name), Arrays.toString(shape), config.rankOf(module)));
    }
    if (!config.adapts(module)) {
      problems.add(
          "tensor %s is of no module in target_modules %s"
              .formatted(Problems.quote(name), config.targetModules()));
    }
  }

  /** PEFT takes an entry for the end of a name, even without a dot before it. */
  private boolean isSaved(String module) {
    return config.saves(module) || config.modulesToSave().stream().anyMatch(module::endsWith);
  }

  private void checkSaved(Map<String, long[]> shapes) {
    boolean headThere = HEADS.stream().anyMatch(head -> holds(head, shapes));
    for (String saved : config.modulesToSave()) {
      if (!holds(saved, shapes) && !(HEADS.contains(saved) && headThere)) {
        problems.add("the tensors of %s in modules_to_save are missing".formatted(saved));
      }
    }
  }

  private static boolean holds(String saved, Map<String, long[]> shapes) {
    return shapes.keySet().stream()
        .filter(name -> !name.endsWith(LORA_A) && !name.endsWith(LORA_B))
        .anyMatch(name -> (module(name) + ".").contains(saved + "."));
  }

  private static String module(String parameter) {
    int dot = parameter.lastIndexOf('.');
    return dot < 0 ? "" : parameter.substring(0, dot);
  }
}
