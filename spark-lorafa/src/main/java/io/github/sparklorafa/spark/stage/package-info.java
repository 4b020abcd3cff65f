/**
 * Training inside Spark tasks.
 *
 * <p>{@link io.github.sparklorafa.spark.stage.TrainingJob} is the whole distributed protocol in one
 * method: check everything, tokenise and store the rows in an ordinary stage, train in one barrier
 * stage with one task for each executor, and make the result the output by renaming it.
 *
 * <pre>{@code
 * TrainConfig config =
 *     TrainConfig.builder().model("/models/tiny").data("rows.parquet").output("/out/adapter").build();
 * TrainingResult result =
 *     TrainingJob.run(
 *         spark,
 *         spark.read().parquet(config.data()),
 *         Optional.empty(),
 *         config,
 *         List.of(ConsoleProgress.onStandardOutput()));
 * }</pre>
 */
package io.github.sparklorafa.spark.stage;
