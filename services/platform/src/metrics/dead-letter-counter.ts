import { Counter, type Registry } from "prom-client";

/** `stage`: the subtopology that refused the record, `projector/<projection>`, or another part's name. */
export type DeadLetterCounter = Counter<"stage" | "code">;

export function createDeadLetterCounter(registry: Registry): DeadLetterCounter {
  return new Counter({
    name: "amc_dead_letters_total",
    help: "Records that this process dead-lettered, by the code of the reason",
    labelNames: ["stage", "code"],
    registers: [registry],
  });
}
