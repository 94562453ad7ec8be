import type { Membership } from "@amc/platform/assignment/membership";
import type { Unit } from "@amc/platform/assignment/unit";
import type { ServiceRole } from "@amc/platform/config/roles";
import type { Variables } from "@amc/platform/config/variables";
import type { WaitingClock } from "@amc/platform/http/waiting-clock";
import type { Log } from "@amc/platform/log/port";
import type { createLogger } from "@amc/platform/logger";
import type { ProcessMetrics } from "@amc/platform/metrics/process-metrics";
import type { Readiness } from "@amc/platform/operations-server/operations";
import type { Telemetry } from "@amc/platform/telemetry";
import type { Closers } from "../closers.ts";
import type { AnsweringMocks } from "../operations/provider-access.ts";
import type { Printer } from "../output/printer.ts";
import type { Recording } from "../recordings.ts";

/** What a service is opened with. */
export interface ServiceContext {
  readonly role: ServiceRole;
  /** Number of this process among those of its service, from 0. */
  readonly instance: number;
  readonly variables: Variables;
  readonly log: Log;
  readonly metrics: ProcessMetrics;
  readonly telemetry: Telemetry;
  readonly logger: ReturnType<typeof createLogger>;
  readonly printer: Printer;
  /** Takes what has to be closed, in reverse, when the service ends or does not open. */
  readonly closers: Closers;
  /** The time that `scheduler` publishes: of this machine, but where a test has a recorded one pass. */
  readonly clock: WaitingClock;
  /** What `ingest` plays. */
  readonly recording: Recording;
  /** How its units are divided; by a group of the brokers where it is left out. */
  readonly membership?: ((units: readonly Unit[]) => Membership) | undefined;
  /** Mocks that answer already, of whoever counts what they are asked; started where they are left out. */
  readonly mocks?: AnsweringMocks | undefined;
}

/** One service in one process. */
export interface Service {
  /**
   * Works until `signal` aborts, then finishes what is in hand; returns early when there is nothing
   * left to do. Rejects with what ends the process.
   */
  run(signal: AbortSignal): Promise<void>;
  /** Left out by a service that answers probes itself. */
  ready?(): Promise<Readiness>;
  /** Where it answers requests; null where it answers nothing but probes. */
  readonly address: string | null;
}

/** Input that has waited for longer makes a service not ready; as `/readyz` of the API. */
export const READY_MAX_WAIT_MS = 5_000;
