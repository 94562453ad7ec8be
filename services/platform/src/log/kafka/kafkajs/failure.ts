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
  // Of a login that was refused, and of one whose connection broke: it does not say which.
  "KafkaJSSASLAuthenticationError",
  "KafkaJSStaleTopicMetadataAssignment",
  "KafkaJSTopicMetadataNotLoaded",
]);

/** What it says of a broker that it knows and has no connection to, in a plain error without a code. */
const NOT_CONNECTED = "Broker not connected";

/** A failure of kafkajs as one of the client that the log knows: one table says what each of them means. */
export function failureOf(error: unknown): unknown {
  if (error instanceof LogError) return error;
  for (const one of chain(error)) {
    const code = "code" in one && typeof one.code === "number" ? one.code : null;
    if (one.name.startsWith("KafkaJS") && code !== null && code in protocolErrorsCodesById) {
      return new ProtocolError(code, one.message, { cause: one });
    }
    if (one.name === "KafkaJSServerDoesNotSupportApiKey") {
      return new ProtocolError("UNSUPPORTED_VERSION", one.message, { cause: one });
    }
    if (OUTAGES.has(one.name) || one.message === NOT_CONNECTED)
      return new NetworkError(one.message, { cause: one });
  }
  return error;
}

/** An error and what it wraps: the client wraps twice what it gives up. */
function* chain(error: unknown): Generator<Error> {
  for (let one = error; one instanceof Error; one = one.cause) yield one;
}
