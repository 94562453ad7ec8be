import { randomUUID } from "node:crypto";
import type { KafkaAccess } from "@amc/platform/log/kafka/connection";
import type { BrokerSecurity } from "../kafka/broker-settings.ts";
import { LOOPBACK } from "../ports.ts";
import type { Certificate } from "./certificates.ts";
import type { GuardedKafka } from "./own-kafka.ts";

const ADMIN = "admin";
const MECHANISM = "SCRAM-SHA-512";
/** In the broker's settings and in those of Kafka's own tools. */
const LOGIN_MODULE = "org.apache.kafka.common.security.scram.ScramLoginModule";

export interface GuardedCluster extends GuardedKafka {
  /** How a principal gets in. */
  readonly accessOf: (principal: string) => KafkaAccess;
  /** The settings with which Kafka's own tools log in as administrator. */
  readonly adminProperties: string;
}

/**
 * A cluster that speaks TLS only, knows its principals by SCRAM and lets them do what they were
 * granted and nothing else. Brokers and controllers know each other by `certificate`.
 */
export function guardedCluster(
  certificate: Certificate,
  principals: readonly string[],
): GuardedCluster {
  const passwords = new Map([ADMIN, ...principals].map((name) => [name, randomUUID()]));
  const accessOf = (principal: string): KafkaAccess => ({
    sasl: {
      mechanism: MECHANISM,
      username: principal,
      password: passwords.get(principal) ?? "",
    },
    tls: { ca: certificate.pem },
  });
  const login = `${LOGIN_MODULE} required username="${ADMIN}" password="${passwords.get(ADMIN)}";`;
  return {
    access: accessOf(ADMIN),
    accessOf,
    security: {
      settings: ({ port, controllerPort }) => ({
        listeners: `CLIENTS://${LOOPBACK}:${port},CONTROLLER://${LOOPBACK}:${controllerPort}`,
        "advertised.listeners": `CLIENTS://${LOOPBACK}:${port}`,
        "listener.security.protocol.map": "CLIENTS:SASL_SSL,CONTROLLER:SSL",
        "inter.broker.listener.name": "CLIENTS",
        "sasl.enabled.mechanisms": MECHANISM,
        "sasl.mechanism.inter.broker.protocol": MECHANISM,
        "listener.name.clients.scram-sha-512.sasl.jaas.config": login,
        "listener.name.controller.ssl.client.auth": "required",
        ...storeSettings(certificate),
        "ssl.keystore.type": "PKCS12",
        "ssl.keystore.location": certificate.keyStore,
        "ssl.keystore.password": certificate.password,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": `User:${ADMIN};User:CN=broker`,
      }),
      formatArguments: scramArguments(passwords),
    } satisfies BrokerSecurity,
    adminProperties: propertiesText({
      "security.protocol": "SASL_SSL",
      "sasl.mechanism": MECHANISM,
      "sasl.jaas.config": login,
      ...storeSettings(certificate),
    }),
  };
}

function storeSettings({ trustStore, password }: Certificate) {
  return {
    "ssl.truststore.type": "PKCS12",
    "ssl.truststore.location": trustStore,
    "ssl.truststore.password": password,
  };
}

function scramArguments(passwords: ReadonlyMap<string, string>): string[] {
  return [...passwords].flatMap(([name, password]) => [
    "--add-scram",
    `${MECHANISM}=[name=${name},password=${password}]`,
  ]);
}

function propertiesText(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}
