import type { TopicLayout } from "@amc/platform/log/port";
import type { ClientConfig } from "pg";
import type { Delivery } from "./brokers.ts";

/** What a process of a run does; its topics exist already. */
export type PartJob = {
  readonly prefix: string;
  readonly layout: readonly TopicLayout[];
} & (
  | {
      readonly role: "stages";
      readonly topology: "market" | "echo";
      readonly delivery: Delivery;
    }
  | { readonly role: "projector"; readonly connection: ClientConfig }
);

/** `go` starts or goes on, `hold` finishes the batches in hand, `look` only answers. */
export type PartRequest = "go" | "hold" | "look" | "end";

export interface PartAnswer {
  /** Records that it has not taken yet. */
  readonly lag: number;
  /** Processor time of the process since it started. */
  readonly cpuMs: number;
}
