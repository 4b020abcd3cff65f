package io.github.sparklorafa.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.checkpoint.FolderContents;
import io.github.sparklorafa.checkpoint.FolderContents.Stored;
import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.LoraModule;
import io.github.sparklorafa.model.LinearShape;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.train.TrainConfig;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells what a checkpoint or an adapter holds, without reading its weights. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Tells what a checkpoint or an adapter holds: modules, numbers, what would be trained, dtypes,"
            + " bytes. Exits with 2 if it cannot be used.")
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FOLDER",
      description = "Checkpoint or adapter: a local path or any URI that Hadoop knows.")
  private String folder;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws JsonProcessingException {
    FolderContents contents = FolderContents.read(folder, HadoopSettings.load());
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(new ObjectMapper().writeValueAsString(facts(contents)));
    } else {
      print(contents, out);
    }
    out.flush();
    return contents.problems().isEmpty() ? Main.OK : Main.BAD_INPUT;
  }

  private void print(FolderContents contents, PrintWriter out) {
    facts(contents)
        .forEach(
            (name, value) -> {
              if (!(value instanceof List)) {
                String text =
                    value instanceof Long number
                        ? String.format(Locale.ROOT, "%,d", number)
                        : FolderContents.printable(String.valueOf(value));
                out.printf("%-20s  %s%n", name.replace('_', ' '), text);
              }
            });
    contents
        .files()
        .forEach(
            file ->
                out.printf(
                    Locale.ROOT,
                    "file                  %s, %,d bytes%n",
                    FolderContents.printable(file.name()),
                    file.bytes()));
    out.printf(
        "%n%-52s %5s  %-14s %-5s %15s %15s%n",
        "tensors", "count", "shape", "dtype", "numbers", "bytes");
    for (List<Stored> group : contents.groups().values()) {
      Stored first = group.get(0);
      out.printf(
          Locale.ROOT,
          "%-52s %5d  %-14s %-5s %,15d %,15d%n",
          FolderContents.pattern(first.name()),
          group.size(),
          first.shape(),
          first.dtype(),
          group.stream().mapToLong(Stored::parameters).sum(),
          group.stream().mapToLong(Stored::bytes).sum());
    }
    contents
        .problems()
        .forEach(problem -> out.printf("%nspark-lorafa cannot use it: %s%n", problem));
  }

  private Map<String, Object> facts(FolderContents contents) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("kind", contents.adapter() ? "adapter" : "checkpoint");
    facts.put("folder", folder);
    facts.put(contents.adapter() ? "peft_type" : "model_type", contents.modelType());
    if (contents.adapter()) {
      facts.put("base_model", contents.baseModel());
    }
    contents.config().ifPresent(config -> adapterFacts(config, contents, facts));
    contents.shape().ifPresent(shape -> checkpointFacts(shape, facts));
    facts.put("numbers", contents.parameters());
    facts.put("bytes", contents.bytes());
    facts.put("files", contents.files());
    facts.put("tensors", groups(contents));
    facts.put("problems", contents.problems());
    return facts;
  }

  /** What each method would train: of an adapter with the usual rank in all linear layers. */
  private static void checkpointFacts(ModelConfig shape, Map<String, Object> facts) {
    long rank = TrainConfig.builder().model("-").data("-").output("-").build().rank();
    Collection<LinearShape> linears = shape.linearLayers().values();
    long a = rank * linears.stream().mapToLong(LinearShape::in).sum();
    long b = rank * linears.stream().mapToLong(LinearShape::out).sum();
    facts.put("linear_layers", (long) linears.size());
    facts.put("usual_rank", rank);
    facts.put("trained_by_lora_fa", b);
    facts.put("trained_by_lora", a + b);
    facts.put(
        "trained_by_full",
        shape.tensors().values().stream()
            .mapToLong(sizes -> LongStream.of(sizes).reduce(1, Math::multiplyExact))
            .sum());
  }

  private static void adapterFacts(
      AdapterConfig config, FolderContents contents, Map<String, Object> facts) {
    facts.put("rank", config.rank());
    facts.put("alpha", config.alpha());
    facts.put("rank_pattern", config.patterns().ranks().toString());
    facts.put("alpha_pattern", config.patterns().alphas().toString());
    facts.put("rslora", config.rsLora());
    facts.put("dropout", config.dropout());
    facts.put("target_modules", String.join(",", config.targetModules()));
    facts.put("modules_to_save", String.join(",", config.modulesToSave()));
    List<Double> scales =
        contents.tensors().stream()
            .filter(tensor -> tensor.name().endsWith(LoraModule.A_SUFFIX))
            .map(tensor -> tensor.name().replace(LoraModule.A_SUFFIX, ""))
            .map(config::scaleOf)
            .distinct()
            .sorted()
            .toList();
    facts.put("scale", scales.toString());
    long a =
        contents.tensors().stream()
            .filter(tensor -> tensor.name().endsWith(LoraModule.A_SUFFIX))
            .mapToLong(Stored::parameters)
            .sum();
    facts.put("trained_by_lora_fa", contents.parameters() - a);
    facts.put("trained_by_lora", contents.parameters());
  }

  private static List<Map<String, Object>> groups(FolderContents contents) {
    List<Map<String, Object>> groups = new ArrayList<>();
    for (List<Stored> group : contents.groups().values()) {
      Stored first = group.get(0);
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("name", FolderContents.pattern(first.name()));
      facts.put("count", group.size());
      facts.put("shape", first.shape());
      facts.put("dtype", first.dtype());
      facts.put("numbers", group.stream().mapToLong(Stored::parameters).sum());
      facts.put("bytes", group.stream().mapToLong(Stored::bytes).sum());
      groups.add(facts);
    }
    return groups;
  }
}
