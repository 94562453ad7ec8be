import type { Variables } from "../../config/variables.ts";
import type { KafkaConnection } from "./client-options.ts";

/** How to get in, wherever the brokers are. */
export type KafkaAccess = Pick<KafkaConnection, "sasl" | "tls">;

/** Reaches the cluster that `KAFKA_BROKERS` names; null when it names none. */
export function kafkaConnection(variables: Variables, clientId: string): KafkaConnection | null {
  const { KAFKA_BROKERS: brokers } = variables;
  if (brokers === undefined) return null;
  return { brokers: brokerList(brokers), clientId, ...kafkaAccess(variables) };
}

export function kafkaAccess(variables: Variables): KafkaAccess {
  const { KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = variables;
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_TLS: usesTls, AMC_TLS_CA: ca } = variables;
  const hasLogin = username !== undefined && password !== undefined;
  return {
    ...(hasLogin ? { sasl: { mechanism, username, password } } : {}),
    ...(usesTls ? { tls: ca === undefined ? {} : { ca } } : {}),
  };
}

/** The addresses in `KAFKA_BROKERS`. */
export function brokerList(text: string): string[] {
  return text
    .split(",")
    .map((address) => address.trim())
    .filter((address) => address !== "");
}
