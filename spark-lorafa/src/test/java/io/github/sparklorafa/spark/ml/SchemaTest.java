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
            "(?s)Cannot add column: a \\(.*\nCannot read the dataset: .*\nCannot find what to answer:"
                + " none of the columns that a model answers is there; its columns are \\[a int\\]"
                + " \\(.*\\)");
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
                + "Cannot find what to answer: prompt is array<string>, not string; its columns are"
                + " [prompt array<string>] (name columns with setPromptColumn and the like, or select"
                + " and rename them so that there is prompt string, or messages"
                + " array<struct<role:string,content:string>>, or instruction string with optional"
                + " input)");
    assertThatThrownBy(
            () ->
                new LoraFaCausalLMModel("u").setPromptColumn("q").transformSchema(schema("a int")))
        .hasMessageStartingWith(
            "Cannot find what to answer: there is no q; its columns are [a int] (");
  }

  @Test
  void theModelAnswersWhatItWasTrainedOn() {
    String talk = "messages array<struct<role:string,content:string>>";
    assertThat(new LoraFaCausalLMModel("u").transformSchema(schema(talk)).fieldNames())
        .containsExactly("messages", "prediction");
    assertThat(new LoraFaCausalLMModel("u").transformSchema(schema("instruction string")))
        .extracting(StructType::fieldNames)
        .isEqualTo(new String[] {"instruction", "prediction"});
    assertThat(
            new LoraFaSeq2SeqModel("u")
                .setInstructionColumn("todo")
                .transformSchema(schema("todo string, prompt string"))
                .fieldNames())
        .containsExactly("todo", "prompt", "prediction");
    assertThatThrownBy(() -> new LoraFaSeq2SeqModel("u").transformSchema(schema(talk)))
        .as("a T5 has no conversations")
        .hasMessageStartingWith("Cannot find what to answer: none of the columns");
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
    assertThatThrownBy(
            () -> new LoraFaCausalLM().transformSchema(schema("body string, prediction int")))
        .as("all at once, in the words of params")
        .hasMessageMatching(
            "(?s)Cannot read the dataset: .* \\(name columns with setTextColumn and the like.*\n"
                + "Cannot add column: prediction \\(.*");
  }
}
