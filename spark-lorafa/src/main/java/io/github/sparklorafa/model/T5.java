package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Adapter;
import io.github.sparklorafa.nn.ChunkedCrossEntropy;
import io.github.sparklorafa.nn.Embedding;
import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.KeyValueCache;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Parameters;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * T5 (Raffel et al., 2020): an encoder that reads, a decoder that writes and sees what was read,
 * and a linear head.
 *
 * <pre>
 *   e = encoder(ids)
 *   x = decoder(start and all targets but the last, e)
 *   logits = lm_head(x), in v1.0 lm_head(x / √dModel)
 * </pre>
 *
 * <p>v1.1, Flan-T5 and mT5 are T5s too, apart from what {@link T5Config} says. Of the encoder's
 * output nothing is kept unless a projection of it needs its input; its gradient is made only if
 * something in the encoder is trained.
 */
public final class T5 implements Seq2SeqModel {
  private final T5Config config;
  private final Parameters parameters;
  private final T5Stack encoder;
  private final T5Stack decoder;
  private final Parameter headWeight;
  private final ChunkedCrossEntropy lmHead;
  private final GradientFlow read;

  /**
   * Reads the model from {@code parameters}, with {@code adapter} in the place of its linear
   * layers.
   *
   * @throws IllegalArgumentException if a weight is missing or has another shape than {@code
   *     config} says
   */
  public T5(T5Config config, Parameters parameters, Adapter adapter) {
    this.config = config;
    this.parameters = parameters;
    Parameter embedding =
        parameters.parameter(T5Config.TIED.embedding(), config.vocabSize(), config.dModel());
    Embedding shared = new Embedding(embedding);
    T5Parts parts = new T5Parts(config, parameters, adapter);
    encoder = new T5Stack(T5Config.Stack.READS, shared, parts);
    decoder = new T5Stack(T5Config.Stack.WRITES, shared, parts);
    headWeight = head(embedding);
    lmHead = new ChunkedCrossEntropy(headWeight);

    read = encoder.plan(GradientFlow.STOPS);
    lmHead.plan(decoder.plan(read));
  }

  /**
   * A tied head is the embedding, unless only one of the two is trained: then they part, as in
   * PEFT.
   */
  private Parameter head(Parameter embedding) {
    TiedHead names = T5Config.TIED;
    long[] shape = {config.vocabSize(), config.dModel()};
    if (!config.tieWordEmbeddings()) {
      return parameters.parameter(names.head(), shape);
    }
    return parameters.trainable(names.head()) == embedding.trainable()
        ? embedding
        : parameters.copyOf(names.embedding(), names.head(), shape);
  }

  @Override
  public LossSum trainStep(MicroBatch batch, Tape tape) {
    try (Scope scope = new Scope()) {
      Labels.Written written = written(batch);
      Tensor ids = tensor(batch.ids());
      Tensor before = tensor(shifted(written));
      ChunkedCrossEntropy.Loss loss =
          lossAndGradient(hidden(ids, before, batch, tape), written.ids());
      backward(ids, before, loss.inputGradient(), batch, tape);
      return new LossSum(loss.sum(), loss.terms());
    }
  }

  /** Consumes {@code hidden}: it is freed before the backward pass begins. */
  private ChunkedCrossEntropy.Loss lossAndGradient(Tensor hidden, int[] targets) {
    try (hidden) {
      return lmHead.forwardAndBackward(hidden, targets);
    }
  }

  @Override
  public LossSum evaluate(MicroBatch batch) {
    Labels.Written written = written(batch);
    try (Scope scope = new Scope();
        Tensor hidden = hidden(batch, written)) {
      ChunkedCrossEntropy.Loss loss = lmHead.evaluate(hidden, written.ids());
      return new LossSum(loss.sum(), loss.terms());
    }
  }

  @Override
  public float[] losses(MicroBatch batch) {
    try (Scope scope = new Scope();
        Tensor hidden = hidden(batch, written(batch))) {
      return lmHead.losses(hidden, written(batch).ids());
    }
  }

  @Override
  public Tensor logits(MicroBatch batch) {
    try (Scope scope = new Scope();
        Tensor hidden = hidden(batch, written(batch))) {
      return scope.keep(torch.linear(hidden, headWeight.value()));
    }
  }

  private Tensor hidden(MicroBatch batch, Labels.Written written) {
    return hidden(tensor(batch.ids()), tensor(shifted(written)), batch, Tape.discarding());
  }

  /**
   * The input of the head {@code [written tokens, dModel]}, owned by the caller, who closes it.
   *
   * @param ids {@code [read tokens]}
   * @param before {@code [written tokens]}, each the one before that which is to be written
   */
  private Tensor hidden(Tensor ids, Tensor before, MicroBatch batch, Tape tape) {
    try (Tensor states = encoder.forward(ids, batch.sequences(), null, tape)) {
      T5Pass.Read seen = new T5Pass.Read(states, null, batch.sequences());
      return scaled(decoder.forward(before, written(batch).sequences(), seen, tape));
    }
  }

  /** Overwrites and returns {@code x}. */
  private Tensor scaled(Tensor x) {
    if (config.scaleDecoderOutputs()) {
      try (Scope scope = new Scope()) {
        x.mul_(Scalars.of(1 / Math.sqrt(config.dModel())));
      }
    }
    return x;
  }

  /**
   * {@code dy [written tokens, dModel]} at the head's input, overwritten, or null where nothing
   * below the head is trained.
   */
  private void backward(Tensor ids, Tensor before, Tensor dy, MicroBatch batch, Tape tape) {
    if (dy == null) {
      return;
    }
    try (Scope scope = new Scope()) {
      Tensor dStates =
          read.flows()
              ? Buffers.empty(dy.scalar_type(), batch.ids().length, config.dModel()).zero_()
              : null;
      T5Pass.Read seen = new T5Pass.Read(null, dStates, batch.sequences());
      decoder.backward(before, scaled(dy), written(batch).sequences(), seen, tape);
      encoder.backward(ids, dStates, batch.sequences(), null, tape);
    }
  }

  /** The decoder's layers see what is written, but for keys and values of what was read. */
  @Override
  public Sequences sequencesOf(String module, MicroBatch batch) {
    return T5Config.writes(module) ? written(batch).sequences() : batch.sequences();
  }

  private static Labels.Written written(MicroBatch batch) {
    return (Labels.Written) batch.labels();
  }

  /** What the decoder reads: the start token, then each label but the last of its sequence. */
  private int[] shifted(Labels.Written written) {
    int[] labels = written.ids();
    int[] before = new int[labels.length];
    for (int i = 1; i < labels.length; i++) {
      before[i] = labels[i - 1] == Labels.IGNORED ? config.padTokenId() : labels[i - 1];
    }
    for (int i = 0; i < written.sequences().count(); i++) {
      before[written.sequences().start(i)] = config.decoderStartTokenId();
    }
    return before;
  }

  private static Tensor tensor(int[] ids) {
    return Tensor.create(IntStream.of(ids).asLongStream().toArray());
  }

  @Override
  public int startToken() {
    return config.decoderStartTokenId();
  }

  @Override
  public List<KeyValueCache> read(int[] ids, Sequences sequences) {
    List<KeyValueCache> caches =
        Stream.generate(() -> new KeyValueCache(config.numDecoderLayers()))
            .limit(sequences.count())
            .toList();
    try (Scope scope = new Scope();
        Tensor states = encoder.forward(tensor(ids), sequences, null, Tape.discarding())) {
      decoder.read(states, sequences, caches);
    }
    return caches;
  }

  @Override
  public Tensor nextLogits(int[] ids, Sequences sequences, List<KeyValueCache> caches) {
    try (Scope scope = new Scope();
        Tensor hidden = decoder.forward(tensor(ids), sequences, caches)) {
      KeyValueCache.advance(sequences, caches);
      Tensor last = hidden.index_select(0, Tensor.create(sequences.lastTokens()));
      return scope.keep(torch.linear(scaled(last), headWeight.value()));
    }
  }

  @Override
  public List<Parameter> parameters() {
    return parameters.all();
  }

  @Override
  public void close() {
    parameters.close();
  }
}
