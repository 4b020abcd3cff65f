package io.github.sparklorafa.spark.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {
  private final Redaction redaction = new Redaction(new SparkConf(false));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "password", "sfPassword", "dbtable.PASSWORD", "fs.s3a.secret.key", "fs.s3a.access.key",
        "fs.azure.account.key.x.dfs.core.windows.net", "api_key", "apiKey", "authorization",
            "token",
        "fs.azure.sas", "credentialsFile", "url", "passphrase"
      })
  void optionsThatNameASecretAreRedacted(String key) {
    assertThat(redaction.options(Map.of(key, "s3cr3t"))).containsEntry(key, Redaction.REDACTED);
  }

  @Test
  void optionsOfReadersStay() {
    Map<String, String> options =
        Map.of("sep", ";", "header", "true", "versionAsOf", "3", "query", "select a from b");

    assertThat(redaction.options(options)).isEqualTo(options);
  }

  @Test
  void sitesMayNameMoreKeys() {
    SparkConf conf = new SparkConf(false).set("spark.redaction.regex", "(?i)internal");

    assertThat(new Redaction(conf).options(Map.of("ourInternalWord", "s3cr3t")))
        .containsValue(Redaction.REDACTED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3a://AKIA:s3cr3t@bucket/a",
        "Cannot read s3a://x:s3cr3t@b/c (it is not there)",
        "https://host/a?sig=s3cr3t&b=1",
        "abfss://c@account/a?sv=1&X-Amz-Credential=s3cr3t",
        "jdbc:postgresql://h/d?user=u&password=s3cr3t",
        "jdbc:sqlserver://h;passwordOf=s3cr3t;b=c"
      })
  void credentialsWithinUrisGo(String text) {
    assertThat(Redaction.text(text)).doesNotContain("s3cr3t").contains(Redaction.REDACTED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"hdfs://host:8020/a@b/c", "lake.answers", "a = b; c@d", "file:/a?b=c"})
  void otherTextStays(String text) {
    assertThat(Redaction.text(text)).isEqualTo(text);
  }
}
