import { MINUTE_SETTLED_MS } from "@amc/ingest-prices/providers/yahoo/chart-facts";
import type { Variables } from "@amc/platform/config/variables";
import type { WaitingClock } from "@amc/platform/http/waiting-clock";
import { formatCount } from "../output/format.ts";
import type { Printer } from "../output/printer.ts";
import type { LiveTask } from "./live-task.ts";
import { PriceTurn } from "./price-turn.ts";
import { SourceAsker, type SourceAskerOptions } from "./source-asker.ts";
import type { SweepBudget } from "./sweep-budget.ts";

/** After a whole minute its bar is there and its late trades are in it. */
const AFTER_THE_MINUTE_MS = MINUTE_SETTLED_MS + 1_000;
/** What an answer and its commit may take beside the waiting for the budget. */
const ANSWER_MS = 2_000;
const WAIT_MS_MAX = 60_000;

/** A source with who asks it. */
export interface AskedTask {
  readonly task: LiveTask;
  readonly asker: SourceAsker;
  readonly turn: PriceTurn;
}

/** Those of one process: prices are asked for before all else of their provider. */
export function askedTasks(
  options: SourceAskerOptions,
  tasks: readonly LiveTask[],
): readonly AskedTask[] {
  const turn = new PriceTurn();
  return tasks.map((task) => {
    const { provider, producer, isFirst = false } = task;
    const asking = isFirst ? options : { ...options, turn: () => turn.afterPrices(provider) };
    return { task, asker: new SourceAsker(asking, provider, producer), turn };
  });
}

/**
 * How far ticks are behind the present, ms: by what a sweep of prices takes, alone with its budget. What is asked for and comes
 * within it is in its slice, what comes later is late.
 */
export function tickWaitMs(
  { SCHEDULER_WAIT_MS }: Pick<Variables, "SCHEDULER_WAIT_MS">,
  [prices]: readonly SweepBudget[],
): number {
  const sweepMs = prices === undefined ? 0 : (1000 * prices.calls) / prices.callsPerSecond;
  const needed = AFTER_THE_MINUTE_MS + ANSWER_MS + sweepMs;
  return Math.min(WAIT_MS_MAX, Math.max(SCHEDULER_WAIT_MS, Math.ceil(needed)));
}

/** What is there already, before time begins. */
export async function warmUpTask(
  { printer, clock }: { readonly printer: Printer; readonly clock: WaitingClock },
  { task, asker }: AskedTask,
  signal: AbortSignal,
): Promise<void> {
  const { provider, what } = task;
  const questions = await task.questions(clock.nowMs());
  const swept = await asker.sweep(questions, signal, (fraction) => {
    printer.progress({ fraction, label: `${provider}: ${what}`, phase: "warm-up" });
  });
  printer.done();
  printer.line(
    { type: "warm-up", provider, what, ...swept },
    `${provider}: ${what}: ${formatCount(swept.facts)} facts from ${formatCount(swept.asked)} questions` +
      (swept.failed === 0 ? "" : `, ${formatCount(swept.failed)} without an answer`),
  );
}

/**
 * Again and again on whole multiples of its period; a sweep that takes longer than that delays the next. One that
 * was broken off goes on as soon as its provider may be asked again, if that is earlier; not one over prices,
 * whose next minute must not wait for the rest of the last.
 */
export async function repeatTask(
  clock: WaitingClock,
  { task, asker, turn }: AskedTask,
  signal: AbortSignal,
): Promise<void> {
  const everyMs = task.everySeconds * 1000;
  const sweep = async (): Promise<void> => {
    await asker.sweep(await task.questions(clock.nowMs()), signal);
  };
  if (!task.isHistory) await sweep();
  while (!signal.aborted) {
    const nowMs = clock.nowMs();
    const dueInMs = (Math.floor(nowMs / everyMs) + 1) * everyMs + AFTER_THE_MINUTE_MS - nowMs;
    const { rest } = asker;
    const isDue = task.isFirst === true || rest === null || rest.afterMs >= dueInMs;
    await clock.sleep(isDue ? dueInMs : rest.afterMs, signal);
    if (signal.aborted) return;
    if (!isDue) await asker.goOn(await task.questions(clock.nowMs()), rest, signal);
    else await (task.isFirst ? turn.sweeping(task.provider, sweep) : sweep());
  }
}
