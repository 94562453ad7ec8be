import type { Control } from "@amc/schemas/generated/events";
import { isStrategyName } from "@amc/streams/scoring/strategies/strategy";
import type { ApiContext } from "../context.ts";
import type { ReadView } from "../read-model/port.ts";
import { controlsOf } from "./experiments-standing.ts";
import { inTime } from "./in-time.ts";

type StrategyInForce =
  | { readonly strategy: string; readonly unknownBecause: null }
  | { readonly strategy: null; readonly unknownBecause: string };

/**
 * The strategy by which the next run goes that is in no experiment (C-40): what an operator decided
 * since the newest run, or else that of the newest run; the configured one before the first run and when
 * a decision was taken back. The newest run says nothing when an experiment chose for it, which its
 * result tells: the plan may have changed since. Nobody knows it while database or log do not answer.
 */
export async function strategyInForce(context: ApiContext): Promise<StrategyInForce> {
  const { log, readModel, config } = context;
  const [newest, decided] = await Promise.all([
    inTime(() => readModel.read(newestRun)),
    inTime(() => newestDecision(log)),
  ]);
  if (!newest.answered) return { strategy: null, unknownBecause: `database ${newest.why}` };
  if (!decided.answered) return { strategy: null, unknownBecause: `log ${decided.why}` };
  return { strategy: strategyAfter(newest.answer, decided.answer, config), unknownBecause: null };
}

function strategyAfter(
  { run, isChosen }: Awaited<ReturnType<typeof newestRun>>,
  decision: Control | null,
  { activeStrategy }: ApiContext["config"],
): string {
  const isSince = run === undefined || isChosen;
  if (decision !== null && (isSince || decision.publishedAt > run.event.happenedAt)) {
    return decision.value ?? activeStrategy;
  }
  return isSince ? activeStrategy : run.event.strategy;
}

async function newestRun(view: ReadView) {
  const [run] = await view.runs({ limit: 1, after: null, asOfMs: null });
  return { run, isChosen: run !== undefined && (await view.isExposed(run)) };
}

async function newestDecision(log: ApiContext["log"]): Promise<Control | null> {
  let newest: Control | null = null;
  for await (const { value: control } of controlsOf(log)) {
    const isStrategy =
      control.setting === "strategy" && (control.value === null || isStrategyName(control.value));
    if (isStrategy && control.publishedAt >= (newest?.publishedAt ?? 0)) newest = control;
  }
  return newest;
}
