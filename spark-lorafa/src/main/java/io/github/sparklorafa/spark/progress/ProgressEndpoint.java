package io.github.sparklorafa.spark.progress;

import java.util.function.Consumer;
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
    return new Strings(
        message -> {
          // Nobody waits for it.
          String unused = answer.apply(message);
        });
  }

  @Override
  public PartialFunction<Object, BoxedUnit> receiveAndReply(RpcCallContext context) {
    return new Strings(message -> context.reply(answer.apply(message)));
  }

  private static final class Strings extends AbstractPartialFunction<Object, BoxedUnit> {
    private final Consumer<String> handler;

    Strings(Consumer<String> handler) {
      this.handler = handler;
    }

    @Override
    public boolean isDefinedAt(Object message) {
      return message instanceof String;
    }

    @Override
    public BoxedUnit apply(Object message) {
      handler.accept((String) message);
      return BoxedUnit.UNIT;
    }
  }
}
