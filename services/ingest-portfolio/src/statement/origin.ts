export type StatementFormat = "csv" | "json";

/** What all positions of one statement share. */
export interface StatementOrigin {
  readonly format: StatementFormat;
  /** UTC ms. */
  readonly asOfMs: number;
  /** When the file was read, UTC ms. */
  readonly capturedAtMs: number;
}
