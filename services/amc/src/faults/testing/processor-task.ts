import type { Build } from "./fault.ts";
import type { MarketPlace } from "./market-on-kafka.ts";

/** What a struck processor is told. */
export interface ProcessorTask {
  readonly place: MarketPlace;
  readonly build: Build;
  /** What is wrong with the broken build; outputs first if left out. */
  readonly defect?: "outputs-first" | "letters-dropped";
  /** How long the broken build stays where it is wrong; 30 ms if left out. */
  readonly exposedMs?: number;
  /** Rests for so long after each commit, so that its work lasts, until SIGUSR2. */
  readonly restsMs?: number;
}
