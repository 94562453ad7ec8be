import { AssignedWork, type Work } from "@amc/platform/assignment/assigned-work";
import { KafkaMembership } from "@amc/platform/assignment/kafka/kafka-membership";
import type { Membership } from "@amc/platform/assignment/membership";
import { type Unit, unitName } from "@amc/platform/assignment/unit";
import type { Readiness } from "@amc/platform/operations-server/operations";
import { errorCode } from "@amc/platform/postgres/errors";
import type { Service, ServiceContext } from "./service.ts";
import { serviceConnection } from "./service-log.ts";

export interface AssignedServiceOptions {
  readonly context: ServiceContext;
  /** Everything that the instances of this service divide among them. */
  readonly units: readonly Unit[];
  readonly work: Work;
  /** Why it is not ready, beside what its membership says; empty when it is. */
  readonly problems: () => Promise<readonly string[]>;
}

/** A service whose instances divide units of work among them. */
export class AssignedService implements Service {
  readonly address = null;
  readonly #membership: Membership;
  readonly #work: AssignedWork;
  readonly #problems: () => Promise<readonly string[]>;
  readonly #done = new AbortController();

  constructor({ context, units, work, problems }: AssignedServiceOptions) {
    const { logger } = context;
    this.#problems = problems;
    this.#membership = context.membership?.(units) ?? membershipOf(context, units);
    this.#work = new AssignedWork({
      work: async (unit, signal) => {
        logger.info({ unit: unitName(unit) }, "a unit is taken up");
        const end = await work(unit, signal);
        logger.info({ unit: unitName(unit), end }, "a unit is let go");
        return end;
      },
      onLost: (unit, retryInMs) =>
        logger.warn({ unit: unitName(unit), retryInMs }, "a unit has a newer owner"),
      // One recording is one unit: when it is played there is nothing else to do.
      onFinished: () => this.#done.abort(),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const stop = AbortSignal.any([signal, failed.signal, this.#done.signal]);
    const membership = this.#membership.run(this.#work, stop);
    try {
      await Promise.race([membership, this.#work.failed]);
    } finally {
      // Whatever ended first, the other units finish the batch in hand and the group is told.
      failed.abort();
      await Promise.allSettled([membership]);
    }
  }

  async ready(): Promise<Readiness> {
    const { isMember, reason, units } = this.#membership.standing();
    const working = new Set(this.#work.held().map(unitName));
    const reasons = [
      ...(isMember ? [] : [`group: ${reason ?? "is not a member"}`]),
      ...units
        .filter((unit) => !working.has(unitName(unit)))
        .map((unit) => `${unitName(unit)}: is not taken up yet`),
      // Brokers that do not answer the group do not answer questions about the log.
      ...(isMember ? await this.#problems() : []),
    ];
    return { ready: reasons.length === 0, reasons };
  }
}

function membershipOf(context: ServiceContext, units: readonly Unit[]): Membership {
  const { role, variables, logger, metrics } = context;
  const prefix = variables.KAFKA_TOPIC_PREFIX;
  return new KafkaMembership({
    connection: serviceConnection(variables, context),
    ...{ group: `${prefix}amc.${role}`, prefix, units },
    onFailure: (error) => {
      metrics.failed("membership", errorCode(error) ?? "unknown", true);
      logger.warn({ err: error, role }, "the group cannot be reached");
    },
  });
}
