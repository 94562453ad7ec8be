export type StatementFormat = "csv" | "json";

/** What all positions of one statement share. */
export interface StatementOrigin {
  /** As events name it: `import/csv`, `import/json`, or the broker that was asked. */
  readonly source: string;
  /** UTC ms. */
  readonly asOfMs: number;
  /** When the file was read, or the broker's answer was here, UTC ms. */
  readonly capturedAtMs: number;
  /** Round trip to the broker; null of a file. */
  readonly providerLatencyMs: number | null;
  /** A mock was asked. */
  readonly simulated: boolean;
}
