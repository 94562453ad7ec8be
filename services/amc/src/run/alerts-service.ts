import {
  CONSOLE_GROUP,
  ConsoleSender,
  type ConsoleSenderOptions,
} from "@amc/alert-sender/console-sender";
import { SMS_GROUP } from "@amc/alert-sender/sms/sms-partition";
import type { Work } from "@amc/platform/assignment/assigned-work";
import { type Unit, unitName, unitsOf } from "@amc/platform/assignment/unit";
import { SYSTEM_CLOCK } from "@amc/platform/clock";
import { isLogError } from "@amc/platform/log/errors";
import type { Position } from "@amc/platform/log/port";
import { waitingMs } from "@amc/platform/runtime/waiting-input";
import { channelsText, openSmsChannel, type SmsChannel } from "../operations/sms-channel.ts";
import { alertJson, alertText } from "../output/lines.ts";
import { AssignedService } from "./assigned-service.ts";
import { READY_MAX_WAIT_MS, type Service, type ServiceContext } from "./service.ts";
import { UnitTries } from "./unit-tries.ts";

/** Delivers from one partition to one channel. */
interface Sender {
  run(signal: AbortSignal): Promise<void>;
  positions(): readonly Position[];
}

/** Shows alerts of the partitions that are assigned to this instance, and sends them where that is configured. */
export async function openAlerts(context: ServiceContext): Promise<Service> {
  const { log, logger, metrics, closers, printer } = context;
  const sms = await openSmsChannel({ ...context, metrics: metrics.providerCalls });
  if (sms !== null) closers.add(() => sms.close());
  printer.note(channelsText(sms));
  const senders = new Map<string, Sender>();
  const tries = new UnitTries();
  const work: Work = async (unit, signal) => {
    const name = unitName(unit);
    const deliver = async (opened: () => void): Promise<void> => {
      const sender = await openSender(context, sms, unit, signal);
      senders.set(name, sender);
      opened();
      await sender.run(signal);
    };
    try {
      await tries.run(unit, signal, deliver, ({ error, code }, retryInMs) => {
        metrics.failed("alert-sender", code, true);
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
  const groups = [CONSOLE_GROUP, ...(sms === null ? [] : [SMS_GROUP])];
  return new AssignedService({
    context,
    work,
    units: groups.flatMap((group) => unitsOf(group, log.partitions("alerts.requested.v1"))),
    problems: async () => {
      const positions = [...senders.values()].flatMap((sender) => sender.positions());
      const ms = await waitingMs(log, positions, SYSTEM_CLOCK.nowMs());
      const late = ms <= READY_MAX_WAIT_MS ? [] : [`alerts have waited for ${Math.round(ms)} ms`];
      return [...tries.problems(), ...late];
    },
  });
}

async function openSender(
  { log, telemetry, printer }: ServiceContext,
  sms: SmsChannel | null,
  { group, partition }: Unit,
  signal: AbortSignal,
): Promise<Sender> {
  const partitions = [partition];
  if (sms !== null && group === SMS_GROUP) return await sms.open(partitions, signal);
  const show: ConsoleSenderOptions["show"] = (id, alert) =>
    printer.line(alertJson(id, alert), alertText(alert));
  const telling = { log, partitions, telemetry, show, nowMs: SYSTEM_CLOCK.nowMs };
  return await ConsoleSender.open(telling, signal);
}
