import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { errorCode } from "./errors.ts";

/** A process that cannot be confused with a later one of the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque start time; equal exactly when it is the same process. */
  readonly startToken: string;
}

// USER_HZ: the kernel reports process times to user space in hundredths on every architecture
// that Node is built for.
const TICKS_PER_SECOND = 100;

/** Whether JSON from a file or an argument holds an identity. */
export function isProcessIdentity(value: unknown): value is ProcessIdentity {
  return (
    typeof value === "object" &&
    value !== null &&
    "pid" in value &&
    typeof value.pid === "number" &&
    "startToken" in value &&
    typeof value.startToken === "string"
  );
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startToken: readStartToken(process.pid) ?? "unknown" };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return readStartToken(identity.pid) === identity.startToken;
}

/** Start time of a living process, null for none; a zombie counts as none. */
export function readStartToken(pid: number): string | null {
  const stat = readLinuxStat(pid);
  if (stat !== undefined) {
    return stat === null ? null : `${readBootId()}:${stat.startTicks}`;
  }
  const started = askPs(pid, "lstart=");
  return started === null || askPs(pid, "stat=")?.startsWith("Z") === true ? null : started;
}

/** Start of a living process in seconds since 1970, by the wall clock of now; null for none. */
export function readStartSeconds(pid: number): number | null {
  const stat = readLinuxStat(pid);
  if (stat === null) return null;
  if (stat !== undefined) {
    const boot = /^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1];
    return boot === undefined ? null : Number(boot) + stat.startTicks / TICKS_PER_SECOND;
  }
  const started = askPs(pid, "lstart=");
  return started === null ? null : Date.parse(`${started} UTC`) / 1000;
}

/** Command line of a living process, arguments joined by one space; null for none. */
export function readCommandLine(pid: number): string | null {
  const raw = readProc(pid, "cmdline");
  if (raw !== undefined) return raw === null ? null : raw.split("\0").join(" ").trim();
  return askPs(pid, "args=");
}

/** Current directory of a process; null when there is none or it may not be asked. */
export function readWorkingDirectory(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}

/** Undefined where there is no /proc, null for a process that does not live. */
function readLinuxStat(pid: number): { startTicks: number } | null | undefined {
  const raw = readProc(pid, "stat");
  if (raw === undefined || raw === null) return raw;
  // The second field is the name in parentheses and may hold blanks; counting starts behind it.
  const fields = raw.slice(raw.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return null;
  return { startTicks: Number(fields[19]) };
}

function readProc(pid: number, file: string): string | null | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ESRCH") return null;
    throw error;
  }
}

let bootId: string | undefined;

function readBootId(): string {
  bootId ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return bootId;
}

function askPs(pid: number, column: string): string | null {
  try {
    const answer = execFileSync("ps", ["-ww", "-o", column, "-p", String(pid)], {
      encoding: "utf8",
      env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC0" },
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    return answer === "" ? null : answer;
  } catch {
    // ps exits with 1 when no process has this number.
    return null;
  }
}
