package io.github.sparklorafa.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class SchemaTest {
  private static StructType schema(String ddl) {
    return StructType.fromDDL(ddl);
  }

  @Test
  void theModelAddsWhatIsNamed() {
    LoraFaCausalLMModel model = new LoraFaCausalLMModel("u");
    StructType prompts = schema("id int, prompt string");
    assertThat(model.transformSchema(prompts).simpleString())
        .isEqualTo("struct<id:int,prompt:string,prediction:string>");
    model.setPredictionCol("answer").setFinishReasonCol("why").setTokensCol("count");
    assertThat(model.transformSchema(prompts).simpleString())
        .isEqualTo("struct<id:int,prompt:string,answer:string,why:string,count:int>");
    model.setPredictionCol("").setFinishReasonCol("").setTokensCol("");
    assertThat(model.transformSchema(schema("id int"))).isEqualTo(schema("id int"));
  }

  @Test
  void theModelAddsLossesWhereTheyAreNamed() {
    LoraFaCausalLMModel model =
        new LoraFaCausalLMModel("u")
            .setLossCol("nats")
            .setPerplexityCol("surprise")
            .setLossTokensCol("of")
            .setPredictionCol("");
    assertThat(model.transformSchema(schema("text string")).simpleString())
        .isEqualTo("struct<text:string,nats:double,surprise:double,of:bigint>");
    assertThat(
            model.setPredictionCol("p").transformSchema(schema("prompt string, completion string")))
        .extracting(StructType::simpleString)
        .isEqualTo(
            "struct<prompt:string,completion:string,nats:double,surprise:double,of:bigint,p:string>");
    assertThatThrownBy(() -> model.setPerplexityCol("a").transformSchema(schema("a int")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "(?s)Cannot add column: a \\(.*\nCannot read the dataset: .*\nCannot find prompt column:"
                + " prompt \\(use one of a\\)");
    LoraFaSeq2SeqModel written =
        new LoraFaSeq2SeqModel("u").setLossCol("nats").setPredictionCol("");
    assertThatThrownBy(() -> written.transformSchema(schema("text string")))
        .hasMessageStartingWith("Cannot read the dataset: ");
    assertThat(
            new LoraFaSeq2Seq()
                .setLossCol("nats")
                .transformSchema(schema("prompt string, completion string"))
                .fieldNames())
        .containsExactly("prompt", "completion", "nats", "prediction");
  }

  @Test
  void theModelRefusesOtherRows() {
    LoraFaCausalLMModel model = new LoraFaCausalLMModel("u").setFinishReasonCol("prediction");
    assertThatThrownBy(() -> model.transformSchema(schema("prompt array<string>")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot add column: prediction (the data has it already; rename or drop it, or name"
                + " another column)\n"
                + "Cannot read prompt column: prompt of type array<string> (use a column of"
                + " strings)");
    assertThatThrownBy(
            () ->
                new LoraFaCausalLMModel("u").setPromptColumn("q").transformSchema(schema("a int")))
        .hasMessage("Cannot find prompt column: q (use one of a)");
  }

  @Test
  void theEstimatorTakesWhatTrainingReads() {
    LoraFaCausalLM estimator = new LoraFaCausalLM();
    assertThat(estimator.transformSchema(schema("prompt string, completion string")).fieldNames())
        .containsExactly("prompt", "completion", "prediction");
    assertThat(estimator.transformSchema(schema("text string")).fieldNames())
        .containsExactly("text", "prediction");
    assertThat(estimator.setTextColumn("body").transformSchema(schema("body string")).fieldNames())
        .containsExactly("body", "prediction");
  }

  /** Without a session: nothing can have been started. */
  @Test
  void aPipelineRefusesAWrongSchemaBeforeWorkStarts() {
    LoraFaCausalLM estimator = new LoraFaCausalLM().setValidationIndicatorCol("held_out");
    Pipeline pipeline = new Pipeline().setStages(new PipelineStage[] {estimator});
    assertThatThrownBy(() -> pipeline.transformSchema(schema("body string, held_out int")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "(?s)Cannot read the dataset: .*\nCannot read validation indicator column: held_out of"
                + " type int \\(use a column of booleans\\)");
    assertThatThrownBy(() -> estimator.transformSchema(schema("text string")))
        .hasMessage("Cannot find validation indicator column: held_out (use one of text)");
    assertThatThrownBy(
            () -> new LoraFaCausalLM().transformSchema(schema("text string, prediction int")))
        .hasMessageStartingWith("Cannot add column: prediction (");
  }
}
