import { NetworkError, ProtocolError, protocolErrorsCodesById } from "@platformatic/kafka";
import { LogError } from "../../errors.ts";

/** Failures that tell of brokers which are away, or of what is not known because they are. */
const OUTAGES: ReadonlySet<string> = new Set([
  "KafkaJSBrokerNotFound",
  "KafkaJSConnectionClosedError",
  "KafkaJSConnectionError",
  "KafkaJSGroupCoordinatorNotFound",
  "KafkaJSLockTimeout",
  "KafkaJSMetadataNotLoaded",
  "KafkaJSRequestTimeoutError",
  "KafkaJSStaleTopicMetadataAssignment",
  "KafkaJSTopicMetadataNotLoaded",
]);

/** A failure of kafkajs as one of the client that the log knows: one table says what each of them means. */
export function failureOf(error: unknown): unknown {
  if (error instanceof LogError) return error;
  for (const one of chain(error)) {
    if (one.name === "KafkaJSSASLAuthenticationError") {
      return new ProtocolError("SASL_AUTHENTICATION_FAILED", one.message, { cause: one });
    }
    const code = "code" in one && typeof one.code === "number" ? one.code : null;
    if (one.name.startsWith("KafkaJS") && code !== null && code in protocolErrorsCodesById) {
      return new ProtocolError(code, one.message, { cause: one });
    }
    // What it throws as a plain error is that a broker it knows is not connected, or what a socket said.
    if (OUTAGES.has(one.name) || one.name === "Error")
      return new NetworkError(one.message, { cause: one });
  }
  return error;
}

/** An error and what it wraps: the client wraps twice what it gives up. */
function* chain(error: unknown): Generator<Error> {
  for (let one = error; one instanceof Error; one = one.cause) yield one;
}
