import type { Provider } from "@amc/platform/http/provider-limits";
import type { LiveQuestion } from "./source-asker.ts";

/** Something that is asked for again and again. */
export interface LiveTask {
  readonly provider: Provider;
  readonly producer: string;
  readonly what: string;
  readonly everySeconds: number;
  /** Asked before time begins: what discovery needs, and what takes no more than a sweep. */
  readonly isHistory: boolean;
  /** What slots wait for: while it is swept nothing else is asked of its provider. */
  readonly isFirst?: true;
  /** What there is to ask at an instant, UTC ms. */
  readonly questions: (nowMs: number) => Promise<readonly LiveQuestion[]>;
}
