package io.github.sparklorafa.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Names and shapes of what the checkpoint of a RoBERTa holds. */
record RobertaTensors(RobertaConfig config) {
  /** A buffer that old versions of transformers saved. */
  private static final Pattern BUFFERS =
      Pattern.compile("(roberta|bert)\\.embeddings\\.(position_ids|token_type_ids)");

  /**
   * Heads of other objectives, and the pooler that a plain model has and no head of RoBERTa uses.
   */
  private static final Pattern HEADS =
      Pattern.compile("(lm_head|cls|classifier|(roberta|bert)\\.pooler)\\..*");

  /** What an encoder consists of. */
  private static final Pattern PARTS = Pattern.compile("(embeddings|encoder|pooler)\\.");

  private static final String WEIGHT = ".weight";
  private static final String BIAS = ".bias";

  String embedding(String table) {
    return config.family().base("embeddings." + table + WEIGHT);
  }

  /** The beginning of the names in a layer. */
  String layer(int index) {
    return config.family().base("encoder.layer." + index + ".");
  }

  TiedHead tied() {
    return new TiedHead(embedding("word_embeddings"), config.family().maskedLmDecoder() + WEIGHT);
  }

  /** The bias of the masked language model's output. */
  String decoderBias() {
    return config.tieWordEmbeddings()
        ? config.family().maskedLmBias()
        : config.family().maskedLmDecoder() + BIAS;
  }

  /** The linear layers of a layer by their names in it, in the order of its forward pass. */
  Map<String, LinearShape> linears() {
    long hidden = config.hiddenSize();
    long wide = config.intermediateSize();
    Map<String, LinearShape> linears = new LinkedHashMap<>();
    linears.put("attention.self.query", RobertaConfig.linear(hidden, hidden));
    linears.put("attention.self.key", RobertaConfig.linear(hidden, hidden));
    linears.put("attention.self.value", RobertaConfig.linear(hidden, hidden));
    linears.put("attention.output.dense", RobertaConfig.linear(hidden, hidden));
    linears.put("intermediate.dense", RobertaConfig.linear(wide, hidden));
    linears.put("output.dense", RobertaConfig.linear(hidden, wide));
    return linears;
  }

  /** Those that an adapter may stand in, by their full names. */
  Map<String, LinearShape> linearLayers() {
    Map<String, LinearShape> all = new LinkedHashMap<>();
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      String layer = layer(i);
      linears().forEach((name, shape) -> all.put(layer + name, shape));
    }
    LinearShape square = RobertaConfig.linear(config.hiddenSize(), config.hiddenSize());
    if (!classifies()) {
      all.put(config.family().maskedLmDense(), square);
    } else if (config.family().adaptsClassifierDense()) {
      all.put(config.family().classifierDense(), square);
    }
    return all;
  }

  Map<String, long[]> all() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    long hidden = config.hiddenSize();
    shapes.put(embedding("word_embeddings"), new long[] {config.vocabSize(), hidden});
    shapes.put(embedding("position_embeddings"), new long[] {config.positionRows(), hidden});
    shapes.put(embedding("token_type_embeddings"), new long[] {config.typeVocabSize(), hidden});
    addNorm(config.family().base("embeddings.LayerNorm"), shapes);
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      String layer = layer(i);
      linears()
          .forEach(
              (name, linear) -> {
                linear.addTensors(layer + name, shapes);
                if (name.endsWith("output.dense")) {
                  addNorm(layer + name.replace("dense", "LayerNorm"), shapes);
                }
              });
    }
    addHead(shapes);
    return shapes;
  }

  private void addHead(Map<String, long[]> shapes) {
    RobertaFamily family = config.family();
    long hidden = config.hiddenSize();
    if (config.objective() instanceof Objective.Classification classification) {
      RobertaConfig.linear(hidden, hidden).addTensors(family.classifierDense(), shapes);
      RobertaConfig.linear(classification.labels(), hidden)
          .addTensors(family.classifierOutput(), shapes);
      return;
    }
    RobertaConfig.linear(hidden, hidden).addTensors(family.maskedLmDense(), shapes);
    addNorm(family.maskedLmNorm(), shapes);
    if (!config.tieWordEmbeddings()) {
      shapes.put(tied().head(), new long[] {config.vocabSize(), hidden});
    }
    shapes.put(decoderBias(), new long[] {config.vocabSize()});
  }

  private void addNorm(String module, Map<String, long[]> shapes) {
    shapes.put(module + WEIGHT, new long[] {config.hiddenSize()});
    shapes.put(module + BIAS, new long[] {config.hiddenSize()});
  }

  /** The tensors of a classifier, which a checkpoint may lack; none for another objective. */
  Set<String> classifier() {
    if (!classifies()) {
      return Set.of();
    }
    Map<String, long[]> head = new LinkedHashMap<>();
    addHead(head);
    head.keySet().removeIf(name -> !name.startsWith("classifier."));
    return head.keySet();
  }

  /**
   * Names of here by those of a checkpoint, where they differ: a plain encoder's have no prefix,
   * BERT's first files call weight and bias of norms gamma and beta, and the bias of the masked
   * language model's output has two names.
   */
  Map<String, String> renamed(Set<String> stored) {
    boolean prefixed = stored.stream().anyMatch(name -> name.startsWith(config.family().base("")));
    Map<String, String> renamed = new LinkedHashMap<>();
    for (String name : stored) {
      String here = name.replace(".LayerNorm.gamma", ".LayerNorm.weight");
      here = here.replace(".LayerNorm.beta", ".LayerNorm.bias");
      if (!prefixed && PARTS.matcher(here).lookingAt()) {
        here = config.family().base(here);
      }
      if (here.equals(config.family().maskedLmBias())
          || here.equals(config.family().maskedLmDecoder() + BIAS)) {
        here = decoderBias();
      }
      if (!stored.contains(here)) {
        renamed.put(name, here);
      }
    }
    return renamed;
  }

  /** The bias of the masked language model's output stands for the decoder's, and is it. */
  Map<String, String> secondNames() {
    String here = decoderBias();
    String ofHead = config.family().maskedLmBias();
    return Map.of(here.equals(ofHead) ? config.family().maskedLmDecoder() + BIAS : ofHead, here);
  }

  boolean mayBeSurplus(String tensor) {
    return BUFFERS.matcher(tensor).matches() || HEADS.matcher(tensor).matches();
  }

  private boolean classifies() {
    return config.objective() instanceof Objective.Classification;
  }
}
