import { setTimeout } from "node:timers/promises";
import { type Answer, ask, failureOf, type Target } from "./answers.ts";

/** One thing that a system which was just deployed must do. */
export interface SmokeResult {
  readonly name: "alive" | "ready" | "health" | "list" | "events" | "metrics";
  readonly status: "ok" | "fail";
  readonly detail: string;
  readonly elapsedMs: number;
}

type Judge = (answer: Answer) => string;

/** The answer is not what a system in order gives; the message says what it is instead. */
class UnfitAnswer extends Error {
  readonly code = "smoke.unfit";
}

const READY_EVERY_MS = 500;

/**
 * Asks a system for one answer of each kind, one after the other, and judges what it says and not
 * only that it says something. `/readyz` is asked again for as long as `waitMs` when it says no.
 */
export async function* smokeChecks(target: Target, waitMs: number): AsyncGenerator<SmokeResult> {
  yield await check(target, "alive", "/livez", isAlive);
  yield await whenReady(target, waitMs);
  yield await check(target, "health", "/health", health);
  yield await check(target, "list", "/discovery/runs?limit=1", list);
  yield await check(target, "events", "/events", streams, (body) => POSITION_OF.test(body));
  yield await check(target, "metrics", "/metrics", metrics);
}

async function check(
  target: Target,
  name: SmokeResult["name"],
  path: string,
  judge: Judge,
  isEnough?: (body: string) => boolean,
): Promise<SmokeResult> {
  const startedMs = performance.now();
  const done = (status: SmokeResult["status"], detail: string): SmokeResult => {
    return { name, status, detail, elapsedMs: Math.round(performance.now() - startedMs) };
  };
  try {
    return done("ok", judge(await ask(target, path, isEnough)));
  } catch (error) {
    return done("fail", `${path}: ${failureOf(error)}`);
  }
}

async function whenReady(target: Target, waitMs: number): Promise<SmokeResult> {
  const startedMs = performance.now();
  for (;;) {
    const result = await check(target, "ready", "/readyz", isReady);
    const elapsedMs = Math.round(performance.now() - startedMs);
    if (result.status === "ok" || elapsedMs + READY_EVERY_MS > waitMs) {
      return { ...result, elapsedMs };
    }
    await setTimeout(READY_EVERY_MS);
  }
}

function isAlive(answer: Answer): string {
  const { alive } = objectOf(answer, 200);
  if (alive !== true) throw new UnfitAnswer(`alive is ${JSON.stringify(alive)}`);
  return "the process answers";
}

function isReady(answer: Answer): string {
  const { ready, reasons } = objectOf(answer, 200, 503);
  if (ready === true) return "caught up, and every dependency answers";
  throw new UnfitAnswer(Array.isArray(reasons) ? reasons.join("; ") : "says no reason");
}

function health(answer: Answer): string {
  const { status, components } = objectOf(answer, 200, 503);
  const unwell = Object.entries(recordOf(components)).flatMap(([name, component]) => {
    const its = recordOf(component).status;
    return its === "healthy" || its === "not_configured" ? [] : [`${name} is ${String(its)}`];
  });
  // What is degraded serves: a breaker that is open is no fault of a deployment.
  if (status !== "healthy" && status !== "degraded") {
    throw new UnfitAnswer(unwell.join(", ") || `status is ${JSON.stringify(status)}`);
  }
  return unwell.length === 0 ? "healthy" : `${status}: ${unwell.join(", ")}`;
}

function list(answer: Answer): string {
  const { data, freshness, position } = objectOf(answer, 200);
  if (!Array.isArray(data)) throw new UnfitAnswer("data is no list");
  if (typeof position !== "string") throw new UnfitAnswer("there is no position");
  const { asOf, lagRecords } = recordOf(freshness);
  if (typeof lagRecords !== "number") throw new UnfitAnswer("there is no freshness");
  return data.length === 0
    ? "no run yet"
    : `newest run as of ${String(asOf)}, ${lagRecords} records behind`;
}

/** The position that a stream starts with, whether or not anything happens after it. */
const POSITION_OF = /^id: (\S+)\n/m;

function streams({ status, body }: Answer): string {
  if (status !== 200) throw new UnfitAnswer(`answers ${status}`);
  const position = POSITION_OF.exec(body)?.[1];
  if (position === undefined) throw new UnfitAnswer("the stream tells no position");
  return `stream starts at ${position}`;
}

function metrics({ status, body }: Answer): string {
  // Whoever switched them off (PROMETHEUS_METRICS_ENABLED) does not want them checked either.
  if (status === 404 && body.includes("metrics are switched off")) return "switched off";
  if (status !== 200) throw new UnfitAnswer(`answers ${status}`);
  const lines = body.split("\n").filter((line) => line.startsWith("amc_"));
  if (lines.length === 0) throw new UnfitAnswer("no line of ours");
  return `${lines.length} samples`;
}

function objectOf({ status, body }: Answer, ...expected: readonly number[]) {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new UnfitAnswer(`answers ${status} and no JSON`, { cause });
  }
  const members = recordOf(value);
  if (!expected.includes(status)) {
    const title = typeof members.title === "string" ? `: ${members.title}` : "";
    throw new UnfitAnswer(`answers ${status}${title}`);
  }
  return members;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value));
}
