package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Adapter;
import io.github.sparklorafa.nn.Gelu;
import io.github.sparklorafa.nn.Linear;
import io.github.sparklorafa.nn.Parameters;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The shape of a RoBERTa, with Hugging Face's names.
 *
 * @param family which of the {@code model_type}s
 * @param vocabSize token ids
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width between the two layers of the feed-forward part
 * @param numHiddenLayers layers
 * @param numAttentionHeads heads; divides the hidden size
 * @param positionRows rows of the table of positions: {@code max_position_embeddings}
 * @param typeVocabSize rows of the table of token types: RoBERTa uses the first, BERT the second
 *     too
 * @param layerNormEps ε of the norms
 * @param padTokenId the token that has no position and learns nothing; −1 if there is none
 * @param hiddenAct the activation of the feed-forward part
 * @param tieWordEmbeddings whether the masked language model's output is the embedding
 * @param classes what the checkpoint says of its classifier, used where nobody says otherwise
 * @param objective which head it has
 */
public record RobertaConfig(
    RobertaFamily family,
    int vocabSize,
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int positionRows,
    int typeVocabSize,
    double layerNormEps,
    int padTokenId,
    Gelu.Form hiddenAct,
    boolean tieWordEmbeddings,
    Objective.Classification classes,
    Objective objective)
    implements ModelConfig {
  @Override
  public String modelType() {
    return family.modelType();
  }

  @Override
  public int maxPositionEmbeddings() {
    return positionRows - family.firstPosition(padTokenId);
  }

  @Override
  public boolean learnsPositions() {
    return true;
  }

  /** A RoBERTa takes the texts of a pair alike, even where its table has more rows. */
  @Override
  public int tokenTypes() {
    return family == RobertaFamily.BERT ? typeVocabSize : 1;
  }

  /** Numbers of one head. */
  public int headDim() {
    return hiddenSize / numAttentionHeads;
  }

  @Override
  public ModelConfig with(Objective asked) {
    Objective other = withLabels(asked);
    if (!(other instanceof Objective.MaskedLm) && !(other instanceof Objective.Classification)) {
      throw new IllegalArgumentException(
          "Cannot use task: %s with a checkpoint of model_type %s (use sequence-classification or masked-lm, or another checkpoint)"
              .formatted(other.text(), modelType()));
    }
    return new RobertaConfig(
        family,
        vocabSize,
        hiddenSize,
        intermediateSize,
        numHiddenLayers,
        numAttentionHeads,
        positionRows,
        typeVocabSize,
        layerNormEps,
        padTokenId,
        hiddenAct,
        tieWordEmbeddings,
        classes,
        other);
  }

  /** A classification without a number of labels, or their kind, has what the checkpoint says. */
  private Objective withLabels(Objective asked) {
    if (!(asked instanceof Objective.Classification classification)) {
      return asked;
    }
    int labels = classification.labels() == 0 ? classes.labels() : classification.labels();
    Objective.Kind kind = classification.kind() == null ? usualKind(labels) : classification.kind();
    if (labels == 1 && kind == Objective.Kind.SINGLE_LABEL) {
      throw new IllegalArgumentException(
          "Cannot classify with one label: nothing is left to tell apart (use --num-labels 2 or more, or --problem-type regression)");
    }
    return new Objective.Classification(labels, kind);
  }

  /** The checkpoint's; but one number is foretold, and several labels are no such number. */
  private Objective.Kind usualKind(int labels) {
    if (labels == classes.labels() || (labels > 1 && classes.labels() > 1)) {
      return classes.kind();
    }
    return labels == 1 ? Objective.Kind.REGRESSION : Objective.Kind.SINGLE_LABEL;
  }

  @Override
  public Optional<String> architecture() {
    String head =
        objective instanceof Objective.Classification ? "ForSequenceClassification" : "ForMaskedLM";
    return Optional.of(family.className() + head);
  }

  /** The linear layer between two widths, with a bias as everywhere here. */
  static LinearShape linear(long out, long in) {
    return new LinearShape(out, in, Linear.Bias.YES);
  }

  @Override
  public Map<String, LinearShape> linearLayers() {
    return new RobertaTensors(this).linearLayers();
  }

  @Override
  public Set<String> packableWeights() {
    RobertaTensors tensors = new RobertaTensors(this);
    return IntStream.range(0, numHiddenLayers)
        .boxed()
        .flatMap(i -> tensors.linears().keySet().stream().map(name -> tensors.layer(i) + name))
        .map(module -> module + ".weight")
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public Map<String, long[]> tensors() {
    return new RobertaTensors(this).all();
  }

  @Override
  public Map<String, String> renamed(Set<String> stored) {
    return new RobertaTensors(this).renamed(stored);
  }

  @Override
  public Map<String, String> secondNames() {
    return objective instanceof Objective.MaskedLm
        ? new RobertaTensors(this).secondNames()
        : Map.of();
  }

  @Override
  public Set<String> newTensors() {
    return new RobertaTensors(this).classifier();
  }

  @Override
  public boolean mayBeSurplus(String tensor) {
    return new RobertaTensors(this).mayBeSurplus(tensor);
  }

  @Override
  public Optional<TiedHead> tiedHead() {
    return tieWordEmbeddings && objective instanceof Objective.MaskedLm
        ? Optional.of(new RobertaTensors(this).tied())
        : Optional.empty();
  }

  @Override
  public Roberta build(Parameters parameters, Adapter adapter) {
    return new Roberta(this, parameters, adapter);
  }
}
