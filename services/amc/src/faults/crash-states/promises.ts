/** What a life has said of itself: this much every state of its disk owes. */
export interface Promised {
  /** The last commit that was acknowledged, and the last one that was begun. */
  readonly acknowledged: number;
  readonly begun: number;
  /** Of the newest lease that was handed out. */
  readonly epoch: number;
  /** Where the truncated partition may start; more than one offset while it is being truncated. */
  readonly starts: readonly number[];
}

export const NOTHING_PROMISED: Promised = { acknowledged: 0, begun: 0, epoch: 0, starts: [0] };

export type Saying = "begins" | "acknowledged" | "leased" | "truncates" | "truncated";

export function saying(what: Saying, number: number): string {
  return `${what} ${number}`;
}

export function promisedAfter(promised: Promised, line: string): Promised {
  const [what, text] = line.split(" ");
  const number = Number(text);
  const { acknowledged, begun, epoch, starts } = promised;
  switch (what) {
    case "begins":
      return { ...promised, begun: Math.max(begun, number) };
    case "acknowledged":
      return { ...promised, acknowledged: Math.max(acknowledged, number) };
    case "leased":
      return { ...promised, epoch: Math.max(epoch, number) };
    case "truncates":
      return { ...promised, starts: [...starts, number] };
    case "truncated":
      return { ...promised, starts: [number] };
    default:
      throw new Error(`a life said "${line}"`);
  }
}
