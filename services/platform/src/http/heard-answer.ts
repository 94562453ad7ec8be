import type { ProviderCall } from "@amc/schemas/generated/events";
import type { HttpRequest, RawAnswer } from "./exchange.ts";

/** What a question was about, by name, as the reader of its answer has to know it. */
export type AskedParameters = Readonly<Record<string, string>>;

/** `hash-only`: it did not come whole or is larger than is kept. `lost`: it could not be written. */
export type KeptOutcome = "kept" | "hash-only" | "lost";

/** An answer with the call that it belongs to. */
export interface HeardAnswer extends RawAnswer {
  readonly callId: string;
  readonly call: Pick<
    ProviderCall,
    "provider" | "endpoint" | "happenedAt" | "attempt" | "responseMs" | "errorCode" | "simulated"
  >;
  /** UTC ms. */
  readonly answeredAt: number;
  /** Has the secrets, and is never kept. */
  readonly request: HttpRequest;
  readonly parameters: AskedParameters;
}
