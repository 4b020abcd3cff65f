/**
 * The commands behind {@code bin/spark-lorafa} and {@code spark-submit --class
 * io.github.sparklorafa.cli.Main}.
 *
 * <p>The exit code is 0 for success, 2 for input that can't be used, 1 for a failure.
 *
 * <pre>{@code
 * spark-submit --master "local[2]" --class io.github.sparklorafa.cli.Main spark-lorafa.jar \
 *   train --model /models/tiny --data rows.parquet --output /out/adapter
 * }</pre>
 */
package io.github.sparklorafa.cli;
