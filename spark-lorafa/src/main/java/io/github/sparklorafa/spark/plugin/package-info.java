/** What {@code spark.plugins} adds to the driver and to each executor of an application. */
package io.github.sparklorafa.spark.plugin;
