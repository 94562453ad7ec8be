import type { Log } from "@amc/platform/log/port";
import { readPartition } from "@amc/platform/log/read-partition";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import type { Control } from "@amc/schemas/generated/events";
import { isStrategyName } from "@amc/streams/scoring/strategies/strategy";
import type { ApiContext } from "../context.ts";

const CONTROL = "ops.control.v1";
const LIMITS = { maxRecords: 1_000, maxBytes: 1024 * 1024 };

/**
 * The strategy by which the next run goes (C-40): what an operator decided since the newest run, or
 * else that of the newest run; the configured one before the first run, when a decision was taken
 * back, and while database or log do not answer.
 */
export async function strategyInForce({ log, readModel, config }: ApiContext): Promise<string> {
  try {
    const [run] = await readModel.read((view) =>
      view.runs({ limit: 1, after: null, asOfMs: null }),
    );
    const decision = await newestDecision(log);
    if (decision !== null && (run === undefined || decision.publishedAt > run.event.happenedAt)) {
      return decision.value ?? config.activeStrategy;
    }
    return run?.event.strategy ?? config.activeStrategy;
  } catch {
    // The components say what fails; this answer must not take the others with it.
    return config.activeStrategy;
  }
}

/** Settings are few and in every partition: the first is read from its beginning. */
async function newestDecision(log: Log): Promise<Control | null> {
  let newest: Control | null = null;
  for await (const record of readPartition(log, CONTROL, 0, LIMITS)) {
    const decoded = decodeRecord(record, false);
    if (!decoded.ok || decoded.event.topic !== CONTROL) continue;
    const control = decoded.event.value;
    const isStrategy =
      control.setting === "strategy" && (control.value === null || isStrategyName(control.value));
    if (isStrategy && control.publishedAt >= (newest?.publishedAt ?? 0)) newest = control;
  }
  return newest;
}
