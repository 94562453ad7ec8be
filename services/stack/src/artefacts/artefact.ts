import { join } from "node:path";
import { z } from "zod";

/** A file of a repository in Maven's layout, with what its content must be. */
export const ARTEFACT = z.object({
  /** From the root of the repository. */
  path: z.string(),
  bytes: z.number().int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export type Artefact = Readonly<z.output<typeof ARTEFACT>>;

/** Artefacts that are fetched and used together. */
export const ARTEFACT_LIST = z.object({ version: z.string(), files: z.array(ARTEFACT).min(1) });

export type ArtefactList = Readonly<z.output<typeof ARTEFACT_LIST>>;

export function artefactPath(cache: string, artefact: Artefact): string {
  return join(cache, ...artefact.path.split("/"));
}

export function artefactUrl(repository: string, artefact: Artefact): string {
  return `${repository.replace(/\/+$/, "")}/${artefact.path}`;
}

export function totalBytes(artefacts: readonly Artefact[]): number {
  return artefacts.reduce((sum, { bytes }) => sum + bytes, 0);
}
