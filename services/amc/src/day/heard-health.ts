import { z } from "zod";

const answer = z.object({
  status: z.string(),
  components: z.record(z.string(), z.object({ status: z.string(), detail: z.string() })),
});

/** What `/health` said at an instant. */
export interface HeardHealth {
  /** UTC ms. */
  readonly atMs: number;
  readonly status: string;
  readonly components: Readonly<
    Record<string, { readonly status: string; readonly detail: string }>
  >;
}

/** Asks a running API. Throws when what answers is no health. */
export async function hearHealth(address: string, atMs: number): Promise<HeardHealth> {
  const response = await fetch(`${address}/health`);
  const { status, components } = answer.parse(await response.json());
  return { atMs, status, components };
}
