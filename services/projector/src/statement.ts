import type { Parameter } from "./column-array.ts";

/** One statement, prepared under its name when a connection sees it first. */
export interface Statement {
  readonly name: string;
  /** Always the same for one name. */
  readonly text: string;
  readonly parameters: readonly Parameter[];
}
