import type { Json } from "../json/event-json.ts";

/** What a route read, before freshness and position are added. */
export interface Reading {
  /** A function is called after the snapshot is closed: for what needs no more of the database. */
  readonly data: Json | (() => Promise<Json>);
  /** Event time of the newest thing read, ms; null when nothing was. */
  readonly newestMs: number | null;
  readonly simulated: boolean;
  readonly next?: string | null;
}
