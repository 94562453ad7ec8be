import type { ConnectionOptions as TlsOptions } from "node:tls";

/** How to reach the brokers. */
export interface KafkaConnection {
  /** `host:port` of some brokers; the others are learned from them. */
  readonly brokers: readonly string[];
  /** Name of this process in the broker's logs, quotas and metrics. */
  readonly clientId: string;
  readonly sasl?: SaslCredentials;
  /** Certificates and the like; an empty object is TLS with the system's authorities. */
  readonly tls?: TlsOptions;
  /** A broker that does not answer in this time is asked again, on a new connection; 5 s if left out. */
  readonly requestTimeoutMs?: number;
}

export interface SaslCredentials {
  readonly mechanism: "SCRAM-SHA-256" | "SCRAM-SHA-512";
  readonly username: string;
  readonly password: string;
}

export const REQUEST_TIMEOUT_MS = 5_000;
export const CONNECT_TIMEOUT_MS = 5_000;

/** Options that every connection of `@platformatic/kafka` takes. */
export function connectionOptions({ sasl, tls, requestTimeoutMs }: KafkaConnection) {
  return {
    connectTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    ...(sasl === undefined ? {} : { sasl: { ...sasl } }),
    ...(tls === undefined ? {} : { tls }),
  };
}

/** Options of a client of `@platformatic/kafka`. */
export function clientOptions(connection: KafkaConnection) {
  return {
    ...connectionOptions(connection),
    clientId: connection.clientId,
    bootstrapBrokers: [...connection.brokers],
    timeout: connection.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    autocreateTopics: false,
  };
}
