/**
 * The tab "LoRA-FA" in Spark's UI, while an application runs and afterwards in the History Server.
 *
 * <p>It shows what {@link io.github.sparklorafa.spark.progress.RunEvents} puts on Spark's listener
 * bus and, through it, into the event log. Nothing is loaded from anywhere, and no script is
 * needed.
 */
package io.github.sparklorafa.spark.ui;
