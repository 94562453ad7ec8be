import type { Provenance } from "@amc/streams/facts/envelope";

/** Provenance of an answer that was captured from a provider. */
export type CapturedProvenance = Provenance & Required<Pick<Provenance, "captured">>;
