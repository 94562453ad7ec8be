import type { Log } from "@amc/platform/log/port";
import { ApiError } from "@amc/query-api/api-error";
import { type Decision, TOKEN_HEADER } from "@amc/query-api/control/decision";
import type { Control } from "@amc/schemas/generated/events";
import type { ExperimentDefaults } from "@amc/streams/experiments/plan-change";
import { isoUtc } from "@amc/streams/market/event-time";
import { z } from "zod";
import { CommandError, EXIT } from "../../exit-codes.ts";
import { type DataDirectory, withOwnedLog } from "../data-directory.ts";
import { logOwner } from "../log-owner.ts";
import { type ControlDoor, doorOf } from "./control-door.ts";
import { publishDecision } from "./operator-settings.ts";

/** Longer than any commit takes; a process that needs more is stuck. */
const ANSWER_MS = 10_000;

/** A decision that is in the log. */
export interface ChangedSetting extends Decision {
  /** Event time that it follows, RFC 3339. */
  readonly publishedAt: string;
  /** The process that published it for us; null when nothing ran and we did. */
  readonly publishedBy: number | null;
}

/**
 * Publishes a decision through whoever may write to the log: this command, or the `npm start` that
 * owns it. Null while the log has no tick that it could follow.
 */
export async function changeSetting(
  directory: DataDirectory,
  decision: Decision,
  defaults: ExperimentDefaults,
): Promise<ChangedSetting | null> {
  const owner = logOwner(directory);
  if (owner !== null) return handOver(directory, owner.pid, decision);
  return await withOwnedLog(directory, (log) => decideOn(log, decision, defaults));
}

/** Publishes a decision in a log that this command may write to; null while it has no tick. */
export async function decideOn(
  log: Log,
  decision: Decision,
  defaults: ExperimentDefaults,
): Promise<ChangedSetting | null> {
  const control = await published(log, decision, defaults);
  if (control === null) return null;
  const { setting, value, actor, reason, publishedAt } = control;
  return { setting, value, actor, reason, publishedAt: isoUtc(publishedAt), publishedBy: null };
}

/** What cannot be decided is told as the running process would tell it. */
async function published(
  log: Log,
  decision: Decision,
  defaults: ExperimentDefaults,
): Promise<Control | null> {
  try {
    return await publishDecision(log, decision, defaults);
  } catch (error) {
    if (error instanceof ApiError) throw refused(error.message, error);
    throw error;
  }
}

function refused(detail: string, cause?: unknown): CommandError {
  return new CommandError(EXIT.failed, `nothing was changed: ${detail}`, { cause });
}

async function handOver(
  { path }: DataDirectory,
  pid: number | null,
  decision: Decision,
): Promise<ChangedSetting | null> {
  const door = pid === null ? null : doorOf(path, pid);
  if (door === null) {
    throw new CommandError(
      EXIT.unavailable,
      `${pid === null ? "a process" : `process ${pid}`} writes to ${path} and takes no settings: it is another command, or npm start that is just starting or ending; run this again in a moment`,
    );
  }
  const response = await post(door, decision);
  const body: unknown = await response.json();
  if (!response.ok) {
    const { type, detail } = PROBLEM.parse(body);
    if (type === "urn:amc:problem:no-tick") return null;
    if (type === "urn:amc:problem:refused") throw refused(detail);
    throw new CommandError(EXIT.unavailable, `process ${door.pid} refused the setting: ${detail}`);
  }
  return { ...CONTROL.parse(body), publishedBy: door.pid };
}

const PROBLEM = z.object({ type: z.string(), detail: z.string() });
const CONTROL = z.object({
  setting: z.string(),
  value: z.string().nullable(),
  actor: z.string(),
  reason: z.string(),
  publishedAt: z.string(),
});

async function post({ pid, address, token }: ControlDoor, decision: Decision): Promise<Response> {
  const { value, ...others } = decision;
  try {
    return await fetch(`${address}/control`, {
      method: "POST",
      headers: { "content-type": "application/json", [TOKEN_HEADER]: token },
      body: JSON.stringify(value === null ? others : decision),
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  } catch (error) {
    throw new CommandError(
      EXIT.unavailable,
      `process ${pid} does not answer at ${address}; whether it took the setting, npm run amc -- control list tells`,
      { cause: error },
    );
  }
}
