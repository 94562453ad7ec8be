import type { StackContext } from "./context.ts";
import { answeringBrokers, kafkaStatus, startKafka } from "./kafka/kafka-part.ts";
import { PART_VARIABLES, type PartName, type PartReport } from "./parts.ts";
import {
  answers as databaseAnswers,
  postgresStatus,
  startPostgres,
} from "./postgres/postgres-part.ts";
import { redisAnswers } from "./redis/ping.ts";
import { redisStatus, startRedis } from "./redis/redis-part.ts";
import { registryAnswers, registryStatus, startRegistry } from "./registry/registry-part.ts";
import type { StackSettings } from "./settings.ts";

/** What can be done with a part, whoever runs it. */
export interface PartControl {
  /** Returns when a real request was answered; harmless when it runs. */
  readonly start: (context: StackContext) => Promise<PartReport>;
  readonly status: (context: StackContext) => Promise<PartReport>;
  /** Whether somebody else's answers a real request. */
  readonly answers: (address: string, settings: StackSettings) => Promise<boolean>;
  /** Names of its processes begin with this. */
  readonly processPrefix: string;
}

export const PART_CONTROLS: Readonly<Record<PartName, PartControl>> = {
  kafka: {
    start: startKafka,
    status: kafkaStatus,
    answers: async (address, { kafkaAccess }) => (await answeringBrokers(address, kafkaAccess)) > 0,
    processPrefix: "kafka-",
  },
  registry: {
    start: startRegistry,
    status: registryStatus,
    answers: (url, { authorities }) => registryAnswers(url, authorities),
    processPrefix: "registry",
  },
  postgres: {
    start: startPostgres,
    status: postgresStatus,
    answers: databaseAnswers,
    processPrefix: "postgres",
  },
  redis: {
    start: startRedis,
    status: redisStatus,
    answers: (url, { authorities }) => redisAnswers(url, authorities),
    processPrefix: "redis",
  },
};

/** A part that was given by its variable: it is asked, never started or stopped. */
export async function givenReport(
  part: PartName,
  address: string,
  settings: StackSettings,
): Promise<PartReport> {
  const variable = PART_VARIABLES[part];
  const given = { part, address, pids: [] };
  if (await PART_CONTROLS[part].answers(address, settings)) {
    return { ...given, state: "given", detail: `given by ${variable}, answers` };
  }
  return {
    ...given,
    state: "failed",
    detail: `given by ${variable}, does not answer; nothing was started in its place`,
    code: "stack.given-unreachable",
  };
}
