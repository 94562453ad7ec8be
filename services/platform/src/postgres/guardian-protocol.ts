import { isProcessIdentity, type ProcessIdentity } from "./process-identity.ts";

/** What a guardian is started with, as its only argument in JSON. */
export interface GuardianTask {
  /** The parent, as it is noted in the home it has claimed. */
  readonly owner: ProcessIdentity;
  readonly home: string;
  readonly dataDirectory: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Unprivileged user of the server; null runs it as the guardian's own. */
  readonly account: { readonly uid: number; readonly gid: number } | null;
  /** Directories removed once the server has stopped, unless another owner waits for it. */
  readonly removeAfterStop: readonly string[];
}

/** From the guardian to its parent. */
export type GuardianReport =
  | { readonly kind: "ready"; readonly pid: number }
  | { readonly kind: "ended"; readonly pid: number }
  | { readonly kind: "failed"; readonly message: string };

/** The only word of the parent; its death says the same. */
export const STOP_REQUEST = "stop";

export function isGuardianReport(message: unknown): message is GuardianReport {
  if (typeof message !== "object" || message === null || !("kind" in message)) return false;
  if (message.kind === "failed") return "message" in message && typeof message.message === "string";
  const knownKind = message.kind === "ready" || message.kind === "ended";
  return knownKind && "pid" in message && typeof message.pid === "number";
}

export function parseGuardianTask(json: string | undefined): GuardianTask {
  const task: unknown = JSON.parse(json ?? "null");
  if (!isGuardianTask(task)) throw new TypeError("a guardian needs its task as JSON argument");
  return task;
}

function isGuardianTask(task: unknown): task is GuardianTask {
  return (
    typeof task === "object" &&
    task !== null &&
    "owner" in task &&
    isProcessIdentity(task.owner) &&
    "home" in task &&
    typeof task.home === "string" &&
    "dataDirectory" in task &&
    typeof task.dataDirectory === "string" &&
    "command" in task &&
    typeof task.command === "string" &&
    "args" in task &&
    Array.isArray(task.args) &&
    "account" in task &&
    typeof task.account === "object" &&
    "removeAfterStop" in task &&
    Array.isArray(task.removeAfterStop)
  );
}
