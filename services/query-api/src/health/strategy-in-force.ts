import type { Control } from "@amc/schemas/generated/events";
import { isStrategyName } from "@amc/streams/scoring/strategies/strategy";
import type { ApiContext } from "../context.ts";
import { controlsOf } from "./experiments-standing.ts";

/**
 * The strategy by which the next run goes that is in no experiment (C-40): what an operator decided
 * since the newest run, or else that of the newest run; the configured one before the first run, when
 * a decision was taken back, and while database or log do not answer. The newest run says nothing
 * when an experiment chose for it, which its result tells: the plan may have changed since.
 */
export async function strategyInForce(context: ApiContext): Promise<string> {
  const { log, readModel, config } = context;
  try {
    const { run, isChosen } = await readModel.read(async (view) => {
      const [newest] = await view.runs({ limit: 1, after: null, asOfMs: null });
      return { run: newest, isChosen: newest !== undefined && (await view.isExposed(newest)) };
    });
    const decision = await newestDecision(log);
    const isSince = run === undefined || isChosen;
    if (decision !== null && (isSince || decision.publishedAt > run.event.happenedAt)) {
      return decision.value ?? config.activeStrategy;
    }
    return isSince ? config.activeStrategy : run.event.strategy;
  } catch {
    // The components say what fails; this answer must not take the others with it.
    return config.activeStrategy;
  }
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
