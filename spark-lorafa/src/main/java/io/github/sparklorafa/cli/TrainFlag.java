package io.github.sparklorafa.cli;

import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainConfigBuilder;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * A flag of {@code train}.
 *
 * @param name without the dashes, also the key in a configuration file
 * @param value what it takes, for the help
 * @param description for the help
 * @param shown the text of its value in a configuration
 * @param setter puts a text into the builder; throws {@link IllegalArgumentException} if it can't
 */
record TrainFlag(
    String name,
    String value,
    String description,
    Function<TrainConfig, String> shown,
    BiConsumer<TrainConfigBuilder, String> setter) {}
