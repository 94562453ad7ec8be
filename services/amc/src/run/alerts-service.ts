import { CONSOLE_GROUP, ConsoleSender } from "@amc/alert-sender/console-sender";
import type { Work } from "@amc/platform/assignment/assigned-work";
import { unitName, unitsOf } from "@amc/platform/assignment/unit";
import { SYSTEM_CLOCK } from "@amc/platform/clock";
import { isLogError } from "@amc/platform/log/errors";
import { errorCode } from "@amc/platform/postgres/errors";
import { retryTransient } from "@amc/platform/runtime/retry-transient";
import { waitingMs } from "@amc/platform/runtime/waiting-input";
import { alertJson, alertText } from "../output/lines.ts";
import { AssignedService } from "./assigned-service.ts";
import { READY_MAX_WAIT_MS, type Service, type ServiceContext } from "./service.ts";

/** Shows alerts of the partitions that are assigned to this instance. */
export async function openAlerts(context: ServiceContext): Promise<Service> {
  const { log, logger, metrics, telemetry, printer } = context;
  const senders = new Map<string, ConsoleSender>();
  const work: Work = async (unit, signal) => {
    const name = unitName(unit);
    const deliver = async (): Promise<void> => {
      const sender = await ConsoleSender.open({
        log,
        partitions: [unit.partition],
        show: (id, alert) => printer.line(alertJson(id, alert), alertText(alert)),
        nowMs: SYSTEM_CLOCK.nowMs,
        telemetry,
      });
      senders.set(name, sender);
      await sender.run(signal);
    };
    try {
      await retryTransient(signal, deliver, (error, retryInMs) => {
        metrics.failed("alert-sender", errorCode(error) ?? "unknown", true);
        logger.error({ err: error, unit: name, retryInMs }, "alerts wait");
      });
      return "released";
    } catch (error) {
      if (isLogError(error, "log.fenced")) return "lost";
      throw error;
    } finally {
      senders.delete(name);
    }
  };
  return new AssignedService({
    context,
    work,
    units: unitsOf(CONSOLE_GROUP, log.partitions("alerts.requested.v1")),
    problems: async () => {
      const positions = [...senders.values()].flatMap((sender) => sender.positions());
      const ms = await waitingMs(log, positions, SYSTEM_CLOCK.nowMs());
      return ms <= READY_MAX_WAIT_MS ? [] : [`alerts have waited for ${Math.round(ms)} ms`];
    },
  });
}
