package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.train.TrainSummary;
import java.util.List;

/**
 * What a training job leaves behind.
 *
 * @param output folder of the adapter or the checkpoint, as it was asked for
 * @param rows that were trained on
 * @param tables versions of the data-lake tables that were read, such as {@code delta table
 *     file:/lake/letters, version 3}; empty for other sources
 * @param attempts that the barrier stage took: more than 1 after an executor was lost
 * @param summary of worker 0
 */
public record TrainingResult(
    String output, long rows, List<String> tables, int attempts, TrainSummary summary) {}
