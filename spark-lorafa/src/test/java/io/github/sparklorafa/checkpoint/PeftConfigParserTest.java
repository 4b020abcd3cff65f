package io.github.sparklorafa.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.AdapterPatterns;
import io.github.sparklorafa.model.Objective;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeftConfigParserTest {
  @ParameterizedTest
  @ValueSource(doubles = {16, 0.5})
  void writesWhatItReads(double alpha) {
    AdapterConfig config =
        new AdapterConfig(4, alpha, List.of("q_proj", "mlp.down_proj"), List.of("lm_head"), true);

    assertThat(
            PeftConfigParser.fromJson(
                PeftConfigParser.toJson(config, "base", new Objective.CausalLm())))
        .isEqualTo(config);
  }

  @Test
  void writesPatternsAsItReadsThem() {
    AdapterPatterns patterns =
        new AdapterPatterns(
            Map.of("v_proj", 2),
            Map.of("up_proj", 3.5),
            List.of(0, 2),
            List.of("layers", "h"),
            List.of("regex:.*1\\.mlp.*"));
    AdapterConfig config =
        new AdapterConfig(4, 8, List.of("q_proj"), List.of(), true, patterns, 0.25);

    assertThat(
            PeftConfigParser.fromJson(
                PeftConfigParser.toJson(config, "base", new Objective.CausalLm())))
        .isEqualTo(config);
    AdapterConfig regex =
        new AdapterConfig(4, 8, List.of("regex:.*q_proj"), List.of("lm_head"), false);
    assertThat(PeftConfigParser.toJson(regex, "base", new Objective.CausalLm()))
        .contains("\"target_modules\" : \".*q_proj\"");
    assertThat(
            PeftConfigParser.fromJson(
                PeftConfigParser.toJson(regex, "base", new Objective.CausalLm())))
        .isEqualTo(regex);
  }

  /** PEFT refuses layers_to_transform beside the string all-linear. */
  @Test
  void namesTheModulesOfAllLinearWhereLayersAreChosen() {
    AdapterPatterns layer1 =
        new AdapterPatterns(Map.of(), Map.of(), List.of(1), List.of(), List.of());
    AdapterConfig config =
        new AdapterConfig(4, 8, List.of("all-linear"), List.of(), false, layer1, 0);

    AdapterConfig written =
        PeftConfigParser.writable(
            config,
            List.of(
                "model.layers.1.self_attn.q_proj.lora_A.weight",
                "model.layers.1.self_attn.q_proj.lora_B.weight",
                "model.layers.1.mlp.up_proj.lora_A.weight"));

    assertThat(written.targetModules()).containsExactly("q_proj", "up_proj");
    assertThat(written.patterns()).isEqualTo(layer1);
  }

  @Test
  void readsLayersInEveryWritingOfPeft() {
    assertThat(
            lora("\"target_modules\": [\"q_proj\"], \"layers_to_transform\": 3,"
                    + " \"layers_pattern\": \"blocks\"")
                .patterns())
        .isEqualTo(
            new AdapterPatterns(Map.of(), Map.of(), List.of(3), List.of("blocks"), List.of()));
  }

  @Test
  void reportsAllProblemsAtOnce() {
    assertThatThrownBy(
            () ->
                lora(
                    "\"use_dora\": true, \"bias\": \"all\", \"fan_in_fan_out\": true,"
                        + " \"some_future_switch\": 3"))
        .hasMessageContaining("5 problems")
        .hasMessageContaining("merge_and_unload()");
  }

  @Test
  void writesAllLinearAsPeftsWord() throws IOException {
    AdapterConfig config = new AdapterConfig(8, 16, List.of("all-linear"), List.of(), false);
    String json = PeftConfigParser.toJson(config, "models/base", new Objective.CausalLm());

    JsonNode node = new ObjectMapper().readTree(json);
    assertThat(node.get("target_modules").textValue()).isEqualTo("all-linear");
    assertThat(node.get("lora_alpha").isInt()).isTrue();
    assertThat(node.get("modules_to_save").isNull()).isTrue();
    assertThat(node.get("base_model_name_or_path").textValue()).isEqualTo("models/base");
    assertThat(node.get("task_type").textValue()).isEqualTo("CAUSAL_LM");
    assertThat(node.get("inference_mode").booleanValue()).isTrue();
    assertThat(PeftConfigParser.fromJson(json)).isEqualTo(config);
  }

  @Test
  void readsWhatPeftWrote() throws IOException {
    assertThat(read("adapter-down"))
        .isEqualTo(
            new AdapterConfig(
                4, 8, List.of("1.self_attn.v_proj", "layers.2.mlp.down_proj"), List.of(), false));
    assertThat(read("adapter-head").modulesToSave()).containsExactly("lm_head");
    assertThat(read("adapter-rslora").rsLora()).isTrue();
    assertThat(read("adapter-zero").targetModules()).hasSize(7);
  }

  private static AdapterConfig read(String name) throws IOException {
    return PeftConfigParser.fromJson(
        Files.readString(Reference.path(name + "/adapter_config.json")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"lora_dropout\": 0.1",
        "\"megatron_core\": \"megatron.core\", \"qalora_group_size\": 16",
        "\"layers_to_transform\": [], \"layers_pattern\": \"\"",
        "\"task_type\": null",
        "\"init_lora_weights\": \"gaussian\"",
        "\"loftq_config\": {}, \"rank_pattern\": {}, \"layers_to_transform\": null",
        "\"some_future_switch\": false, \"some_future_list\": []",
        "\"auto_mapping\": {\"base_model_class\": \"LlamaForCausalLM\"}"
      })
  void acceptsWhatChangesNothing(String json) {
    assertThat(lora("\"target_modules\": [\"q_proj\"], " + json).targetModules())
        .containsExactly("q_proj");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"use_dora\": true | use_dora is true (DoRA has magnitudes beside A and B)",
        "\"bias\": \"all\" | bias is \"all\" (only none is supported)",
        "\"fan_in_fan_out\": true | fan_in_fan_out is true",
        "\"rank_pattern\": {\"q_proj\": 0} | rank_pattern.q_proj is 0 (a positive number is needed)",
        "\"rank_pattern\": [2] | rank_pattern is [2] (numbers by expression are needed)",
        "\"rank_pattern\": {\"(q\": 2} | Cannot read regular expression: (q",
        "\"alpha_pattern\": {\"q_proj\": \"2\"} | alpha_pattern.q_proj is \"2\"",
        "\"layers_to_transform\": [-1] | layers_to_transform is [-1] (numbers of layers are needed)",
        "\"layers_to_transform\": \"0\" | layers_to_transform is \"0\"",
        "\"layers_pattern\": \"layers\" | layers_pattern is there without layers_to_transform",
        "\"lora_dropout\": 1 | lora_dropout is 1 (a number from 0 to below 1 is needed)",
        "\"target_parameters\": [\"w\"] | target_parameters is [\"w\"] (parameters are adapted",
        "\"alora_invocation_tokens\": [1] | it acts on some tokens only, and cannot be merged",
        "\"use_qalora\": true | use_qalora is true (QALoRA pools the input of A)",
        "\"megatron_config\": {\"a\": 1} | megatron_config is {\"a\":1} (the layers are Megatron's)",
        "\"init_lora_weights\": \"loftq\" | init_lora_weights is \"loftq\"",
        "\"init_lora_weights\": \"olora\" | path_initial_model_for_weight_conversion",
        "\"layer_replication\": [[0, 1]] | layer_replication is",
        "\"lora_bias\": true | lora_bias is true",
        "\"task_type\": \"QUESTION_ANS\" | task_type is \"QUESTION_ANS\" (only [CAUSAL_LM, SEQ_CLS, SEQ_2_SEQ_LM, FEATURE_EXTRACTION] are supported)",
        "\"init_lora_weights\": \"pissa\" | init_lora_weights is \"pissa\"",
        "\"exclude_modules\": \"q_proj[\" | Cannot read regular expression: q_proj[",
        "\"trainable_token_indices\": [1] | trainable_token_indices is [1]",
        "\"some_future_switch\": 3 | some_future_switch is 3 (this is not supported)",
        "\"r\": 0 | r is 0 (a positive integer is needed)",
        "\"lora_alpha\": \"16\" | lora_alpha is \"16\" (a positive number is needed)",
        "\"modules_to_save\": \"lm_head\" | modules_to_save is \"lm_head\" (a list of strings",
        "\"modules_to_save\": [1] | modules_to_save is [1] (a list of strings is needed)",
      })
  void refusesByName(String json, String complaint) {
    assertThatThrownBy(() -> lora("\"target_modules\": [\"q_proj\"], " + json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot use adapter configuration: adapter_config.json (")
        .hasMessageContaining(complaint);
  }

  @Test
  void refusesTargetsThatAreNoNames() {
    assertThatThrownBy(() -> lora("\"target_modules\": \".*[q_proj\""))
        .hasMessageContaining("Cannot read regular expression: .*[q_proj");
    assertThatThrownBy(() -> lora("\"target_modules\": [\"regex:.*\"]"))
        .hasMessageContaining("target_modules is [\"regex:.*\"] (names are needed in a list)");
    assertThatThrownBy(() -> lora("\"target_modules\": \".*q_proj\", \"layers_to_transform\": [1]"))
        .hasMessageContaining("layers_to_transform is [1] (PEFT refuses it too");
    assertThatThrownBy(() -> lora("\"target_modules\": []"))
        .hasMessageContaining("target_modules is empty");
    assertThatThrownBy(() -> lora("\"r\": 4")).hasMessageContaining("target_modules is missing");
    assertThatThrownBy(
            () ->
                PeftConfigParser.fromJson("{\"peft_type\": \"IA3\", \"target_modules\": [\"q\"]}"))
        .hasMessageContaining("peft_type is \"IA3\" (only LORA is supported)");
  }

  private static AdapterConfig lora(String json) {
    return PeftConfigParser.fromJson("{\"peft_type\": \"LORA\", " + json + "}");
  }
}
