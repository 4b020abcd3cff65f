/**
 * The Spark ML API: Estimators that fine-tune a checkpoint, and Models that use the result.
 *
 * <pre>{@code
 * LoraFaCausalLM tuning = new LoraFaCausalLM().setModel("hdfs:///models/llama-3.2-1b").setWorkers(4);
 * LoraFaCausalLMModel model = tuning.fit(spark.table("support.answered"));
 * model.write().overwrite().save("hdfs:///models/support");
 * Dataset<Row> drafts = model.transform(spark.table("support.open"));
 * }</pre>
 *
 * <p>Params are methods, so that Spark finds them; their groups are interfaces that Estimators and
 * Models share. A param that is a flag of {@code train} has its name, in camel case, and its
 * default.
 */
package io.github.sparklorafa.spark.ml;
