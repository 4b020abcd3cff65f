/**
 * What executors tell the driver while they train.
 *
 * <p>JSON strings travel over Spark's own RPC, so that no port is opened, the job's authentication
 * and encryption hold, and no class of ours crosses a class loader. {@link
 * io.github.sparklorafa.spark.progress.ProgressReceiver} sits in the driver and hands everything to
 * {@link io.github.sparklorafa.train.ProgressListener}s, {@link
 * io.github.sparklorafa.spark.progress.ProgressSender} in a task:
 *
 * <pre>{@code
 * try (ProgressReceiver progress = ProgressReceiver.open(List.of(new ConsoleProgress(out)))) {
 *   String name = progress.name();
 *   // in a task
 *   ProgressSender sender = ProgressSender.open(name, stageAttempt);
 *   new Trainer(inputs, communicator, List.of(sender.listener())).run();
 * }
 * }</pre>
 */
package io.github.sparklorafa.spark.progress;
