package io.github.sparklorafa.spark.progress;

import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.spark.rpc.RpcCallContext;
import org.apache.spark.rpc.RpcEnv;
import org.apache.spark.rpc.ThreadSafeRpcEndpoint;
import scala.PartialFunction;
import scala.runtime.AbstractPartialFunction;
import scala.runtime.BoxedUnit;

/** Spark's side of {@link ProgressReceiver}: takes strings, sent or asked, and nothing else. */
final class ProgressEndpoint implements ThreadSafeRpcEndpoint {
  private final RpcEnv rpcEnv;
  private final UnaryOperator<String> answer;

  ProgressEndpoint(RpcEnv rpcEnv, UnaryOperator<String> answer) {
    this.rpcEnv = rpcEnv;
    this.answer = answer;
  }

  @Override
  public RpcEnv rpcEnv() {
    return rpcEnv;
  }

  @Override
  public PartialFunction<Object, BoxedUnit> receive() {
    return new Strings(answer::apply);
  }

  @Override
  public PartialFunction<Object, BoxedUnit> receiveAndReply(RpcCallContext context) {
    return new Strings(
        message -> {
          String text = answer.apply(message);
          context.reply(text);
          return text;
        });
  }

  private static final class Strings extends AbstractPartialFunction<Object, BoxedUnit> {
    private final Function<String, String> handler;

    Strings(Function<String, String> handler) {
      this.handler = handler;
    }

    @Override
    public boolean isDefinedAt(Object message) {
      return message instanceof String;
    }

    @Override
    public BoxedUnit apply(Object message) {
      handler.apply((String) message);
      return BoxedUnit.UNIT;
    }
  }
}
