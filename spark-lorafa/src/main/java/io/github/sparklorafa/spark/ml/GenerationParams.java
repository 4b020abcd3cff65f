package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.infer.BeamSearch;
import java.util.List;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * What a model writes, and how.
 *
 * @param <T> what setters return
 */
public interface GenerationParams<T> extends Params {
  /** Column that transform adds with what the model wrote; empty means that it writes nothing. */
  default Param<String> predictionCol() {
    return new Param<>(
        this,
        "predictionCol",
        "Column that transform adds with what the model wrote; empty means that it writes nothing.");
  }

  default String getPredictionCol() {
    return Values.of(this, predictionCol());
  }

  default T setPredictionCol(String value) {
    return Values.with(this, predictionCol(), value);
  }

  /** Column that transform adds with why a text ended; empty means none. */
  default Param<String> finishReasonCol() {
    return new Param<>(
        this,
        "finishReasonCol",
        "Column that transform adds with why a text ended; empty means none.");
  }

  default String getFinishReasonCol() {
    return Values.of(this, finishReasonCol());
  }

  default T setFinishReasonCol(String value) {
    return Values.with(this, finishReasonCol(), value);
  }

  /** Column that transform adds with the number of tokens that were written; empty means none. */
  default Param<String> tokensCol() {
    return new Param<>(
        this,
        "tokensCol",
        "Column that transform adds with the number of tokens that were written; empty means none.");
  }

  default String getTokensCol() {
    return Values.of(this, tokensCol());
  }

  default T setTokensCol(String value) {
    return Values.with(this, tokensCol(), value);
  }

  /** The most tokens to write after a prompt. */
  default IntParam maxNewTokens() {
    return new IntParam(this, "maxNewTokens", "The most tokens to write after a prompt.");
  }

  default int getMaxNewTokens() {
    return Values.of(this, maxNewTokens());
  }

  default T setMaxNewTokens(int value) {
    return Values.with(this, maxNewTokens(), value);
  }

  /** What logits are divided by; 0 takes the likeliest token. */
  default DoubleParam temperature() {
    return new DoubleParam(
        this, "temperature", "What logits are divided by; 0 takes the likeliest token.");
  }

  default double getTemperature() {
    return Values.of(this, temperature());
  }

  default T setTemperature(double value) {
    return Values.with(this, temperature(), value);
  }

  /** Choose from so many of the likeliest tokens; 0 is off. */
  default IntParam topK() {
    return new IntParam(this, "topK", "Choose from so many of the likeliest tokens; 0 is off.");
  }

  default int getTopK() {
    return Values.of(this, topK());
  }

  default T setTopK(int value) {
    return Values.with(this, topK(), value);
  }

  /** Choose from the likeliest tokens of this probability; 1 is off. */
  default DoubleParam topP() {
    return new DoubleParam(
        this, "topP", "Choose from the likeliest tokens of this probability; 1 is off.");
  }

  default double getTopP() {
    return Values.of(this, topP());
  }

  default T setTopP(double value) {
    return Values.with(this, topP(), value);
  }

  /** Make tokens that are there already less likely; 1 is off. */
  default DoubleParam repetitionPenalty() {
    return new DoubleParam(
        this, "repetitionPenalty", "Make tokens that are there already less likely; 1 is off.");
  }

  default double getRepetitionPenalty() {
    return Values.of(this, repetitionPenalty());
  }

  default T setRepetitionPenalty(double value) {
    return Values.with(this, repetitionPenalty(), value);
  }

  /** Strings that end a text, and are not part of it. */
  default StringArrayParam stop() {
    return new StringArrayParam(this, "stop", "Strings that end a text, and are not part of it.");
  }

  default String[] getStop() {
    return Values.of(this, stop());
  }

  default T setStop(String... value) {
    return Values.with(this, stop(), value.clone());
  }

  default T setStop(List<String> value) {
    return Values.with(this, stop(), value.toArray(String[]::new));
  }

  /** Seed of the random numbers, with a hash of each prompt. */
  default LongParam generationSeed() {
    return new LongParam(
        this, "generationSeed", "Seed of the random numbers, with a hash of each prompt.");
  }

  default long getGenerationSeed() {
    return Values.of(this, generationSeed());
  }

  default T setGenerationSeed(long value) {
    return Values.with(this, generationSeed(), value);
  }

  /** Rows that a task takes through the model at once. */
  default IntParam predictionBatchSize() {
    return new IntParam(
        this, "predictionBatchSize", "Rows that a task takes through the model at once.");
  }

  default int getPredictionBatchSize() {
    return Values.of(this, predictionBatchSize());
  }

  default T setPredictionBatchSize(int value) {
    return Values.with(this, predictionBatchSize(), value);
  }

  /** Write so many versions side by side and take the best; 1 is off. */
  default IntParam numBeams() {
    return new IntParam(
        this, "numBeams", "Write so many versions side by side and take the best; 1 is off.");
  }

  default int getNumBeams() {
    return Values.of(this, numBeams());
  }

  default T setNumBeams(int value) {
    return Values.with(this, numBeams(), value);
  }

  /** Power of the length that versions are compared by; above 0 longer ones win more often. */
  default DoubleParam lengthPenalty() {
    return new DoubleParam(
        this,
        "lengthPenalty",
        "Power of the length that versions are compared by; above 0 longer ones win more often.");
  }

  default double getLengthPenalty() {
    return Values.of(this, lengthPenalty());
  }

  default T setLengthPenalty(double value) {
    return Values.with(this, lengthPenalty(), value);
  }

  /**
   * End a search at once when so many versions have ended (true), when it looks settled (false), or
   * when it is (never).
   */
  default Param<String> earlyStopping() {
    return Values.choice(
        this,
        "earlyStopping",
        "End a search at once when so many versions have ended (true), when it looks settled (false), or when it is (never).",
        BeamSearch.EarlyStopping.values(),
        BeamSearch.EarlyStopping::text);
  }

  default String getEarlyStopping() {
    return Values.of(this, earlyStopping());
  }

  default T setEarlyStopping(String value) {
    return Values.with(this, earlyStopping(), value);
  }
}
