package io.github.sparklorafa.spark.ml;

import org.apache.spark.ml.param.Param;

/**
 * The names of the columns that training reads; an empty one stands for the usual name, and naming
 * one says what rows are made of ({@link io.github.sparklorafa.data.RowShape}).
 *
 * @param <T> what setters return
 */
public interface ColumnParams<T> extends TokenColumnParams<T> {
  /** Column with a text to learn, or to say something about; text if none is named. */
  default Param<String> textColumn() {
    return new Param<>(
        this,
        "textColumn",
        "Column with a text to learn, or to say something about; text if none is named.");
  }

  default String getTextColumn() {
    return Values.of(this, textColumn());
  }

  default T setTextColumn(String value) {
    return Values.with(this, textColumn(), value);
  }

  /** Column with what a completion is given; prompt if none is named. */
  default Param<String> promptColumn() {
    return new Param<>(
        this, "promptColumn", "Column with what a completion is given; prompt if none is named.");
  }

  default String getPromptColumn() {
    return Values.of(this, promptColumn());
  }

  default T setPromptColumn(String value) {
    return Values.with(this, promptColumn(), value);
  }

  /** Column with what is learned, given the prompt; completion if none is named. */
  default Param<String> completionColumn() {
    return new Param<>(
        this,
        "completionColumn",
        "Column with what is learned, given the prompt; completion if none is named.");
  }

  default String getCompletionColumn() {
    return Values.of(this, completionColumn());
  }

  default T setCompletionColumn(String value) {
    return Values.with(this, completionColumn(), value);
  }

  /** Column with labels of the token ids, -100 for none; labels if none is named. */
  default Param<String> labelsColumn() {
    return new Param<>(
        this,
        "labelsColumn",
        "Column with labels of the token ids, -100 for none; labels if none is named.");
  }

  default String getLabelsColumn() {
    return Values.of(this, labelsColumn());
  }

  default T setLabelsColumn(String value) {
    return Values.with(this, labelsColumn(), value);
  }

  /** Column with the class of a row, or numbers to foretell; label if none is named. */
  default Param<String> labelColumn() {
    return new Param<>(
        this,
        "labelColumn",
        "Column with the class of a row, or numbers to foretell; label if none is named.");
  }

  default String getLabelColumn() {
    return Values.of(this, labelColumn());
  }

  default T setLabelColumn(String value) {
    return Values.with(this, labelColumn(), value);
  }

  /** Column with a conversation, an array of role and content; messages if none is named. */
  default Param<String> messagesColumn() {
    return new Param<>(
        this,
        "messagesColumn",
        "Column with a conversation, an array of role and content; messages if none is named.");
  }

  default String getMessagesColumn() {
    return Values.of(this, messagesColumn());
  }

  default T setMessagesColumn(String value) {
    return Values.with(this, messagesColumn(), value);
  }

  /** Column with what to do; instruction if none is named. */
  default Param<String> instructionColumn() {
    return new Param<>(
        this, "instructionColumn", "Column with what to do; instruction if none is named.");
  }

  default String getInstructionColumn() {
    return Values.of(this, instructionColumn());
  }

  default T setInstructionColumn(String value) {
    return Values.with(this, instructionColumn(), value);
  }

  /** Column with what to do it with; input if none is named. */
  default Param<String> inputColumn() {
    return new Param<>(
        this, "inputColumn", "Column with what to do it with; input if none is named.");
  }

  default String getInputColumn() {
    return Values.of(this, inputColumn());
  }

  default T setInputColumn(String value) {
    return Values.with(this, inputColumn(), value);
  }

  /** Column with what is learned, given the instruction; output if none is named. */
  default Param<String> outputColumn() {
    return new Param<>(
        this,
        "outputColumn",
        "Column with what is learned, given the instruction; output if none is named.");
  }

  default String getOutputColumn() {
    return Values.of(this, outputColumn());
  }

  default T setOutputColumn(String value) {
    return Values.with(this, outputColumn(), value);
  }
}
