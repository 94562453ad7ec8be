import type { PartName } from "../parts.ts";
import { LOOPBACK } from "../ports.ts";
import { CONFLUENT_API } from "../registry/registry-part.ts";
import { VERSIONS } from "../versions.ts";
import type { PartContainer } from "./compose.ts";

interface PartImage {
  /** Version and title, as a person reads them. */
  readonly title: string;
  /** By which Docker knows it. */
  readonly image: string;
  /** Parts without which docker-compose.yml does not start it. */
  readonly startsWith: readonly PartName[];
  /** Port inside the container that docker-compose.yml publishes. */
  readonly port: number;
  /** What the part's variable has to hold, of `host:port`. */
  readonly address: (at: string) => string;
}

/** What docker-compose.yml says of the parts; a test holds both to each other. */
export const PART_IMAGES: Readonly<Record<PartName, PartImage>> = {
  kafka: {
    title: `Kafka ${VERSIONS.kafka}, one broker`,
    image: `apache/kafka:${VERSIONS.kafka}`,
    startsWith: [],
    port: 9092,
    address: (at) => at,
  },
  registry: {
    title: `Apicurio Registry ${VERSIONS.registryJava21}`,
    image: `apicurio/apicurio-registry:${VERSIONS.registryJava21}`,
    startsWith: ["postgres"],
    port: 8080,
    address: (at) => `http://${at}${CONFLUENT_API}`,
  },
  postgres: {
    title: `PostgreSQL ${VERSIONS.postgres}, database amc`,
    image: `postgres:${VERSIONS.postgres}`,
    startsWith: [],
    port: 5432,
    // It guards nothing: the port is on loopback, and the password stands in docker-compose.yml.
    address: (at) => `postgresql://amc:amc@${at}/amc`,
  },
  redis: {
    title: `Redis ${VERSIONS.redis}, 256 MB, evicts what is used least`,
    image: `redis:${VERSIONS.redis}`,
    startsWith: [],
    port: 6379,
    address: (at) => `redis://${at}`,
  },
};

/** The variable by which docker-compose.yml publishes a part at another port than the one it is known by. */
export const PORT_VARIABLES: Readonly<Record<PartName, string>> = {
  kafka: "AMC_KAFKA_PORT",
  registry: "AMC_REGISTRY_PORT",
  postgres: "AMC_POSTGRES_PORT",
  redis: "AMC_REDIS_PORT",
};

/** What the part's variable has to hold; null while the container publishes nothing. */
export function addressOfContainer(part: PartName, container: PartContainer): string | null {
  const port = portOfContainer(part, container);
  return port === null ? null : PART_IMAGES[part].address(`${LOOPBACK}:${port}`);
}

/** Where the part answers; null while the container publishes nothing. */
export function portOfContainer(part: PartName, container: PartContainer): number | null {
  const published = container.Publishers.find(
    ({ TargetPort, PublishedPort }) => TargetPort === PART_IMAGES[part].port && PublishedPort > 0,
  );
  return published?.PublishedPort ?? null;
}
