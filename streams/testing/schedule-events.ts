import type { Control } from "@amc/schemas/generated/events";
import { uuidOf } from "../kernel/ids.ts";
import type { StageEvent } from "../kernel/stage.ts";

/** A decision about a period of FINRA's schedule; a value of null withdraws the one before. */
export function periodDecided(
  settlementDate: string,
  value: string | null,
  at: number,
): StageEvent<"ops.control.v1"> {
  const setting = `finra-schedule/${settlementDate}`;
  const control: Control = {
    ...{ setting, value, happenedAt: at, publishedAt: at },
    ...{ actor: "ann", reason: "notice of FINRA" },
  };
  return { topic: "ops.control.v1", id: uuidOf(`${setting}/${at}`), key: setting, value: control };
}
