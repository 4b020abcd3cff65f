package io.github.sparklorafa.spark.stage;

import java.io.Serializable;

/**
 * The columns that completing adds; an empty name adds none.
 *
 * @param text what was written
 * @param finishReason why it ended, or why nothing was written
 * @param tokens how many tokens were written
 */
public record CompletionColumns(String text, String finishReason, String tokens)
    implements Serializable {}
