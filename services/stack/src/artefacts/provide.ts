import { type ArtefactList, artefactPath, totalBytes } from "./artefact.ts";
import { fetchArtefacts, missingArtefacts } from "./fetch.ts";

/** What a part says while it is brought up. */
export interface Teller {
  /** A line for people. */
  note(text: string): void;
  /** How far a download is. */
  progress(what: string, doneBytes: number, totalBytes: number): void;
}

export interface ArtefactSource {
  readonly repository: string;
  readonly cache: string;
}

/** Paths of the artefacts of a list, each verified; what is missing is fetched first. */
export async function provideArtefacts(
  what: string,
  list: ArtefactList,
  source: ArtefactSource,
  teller: Teller,
): Promise<string[]> {
  const missing = await missingArtefacts(list.files, source.cache);
  if (missing.length > 0) {
    const title = `${what} ${list.version}`;
    const size = `${(totalBytes(missing) / 1e6).toFixed(1)} MB in ${missing.length} file(s)`;
    teller.note(`fetching ${title} (${size}) from ${source.repository} into ${source.cache}`);
    await fetchArtefacts(missing, {
      ...source,
      onProgress: ({ doneBytes, totalBytes: total }) => teller.progress(title, doneBytes, total),
    });
  }
  return list.files.map((artefact) => artefactPath(source.cache, artefact));
}
