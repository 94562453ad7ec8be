import type { PartName } from "../parts.ts";
import { runDocker } from "./docker.ts";
import { PART_IMAGES } from "./part-addresses.ts";

/** Which images a part still needs, or why Docker does not say. */
export type ImagesAnswer =
  | { readonly known: true; readonly missing: readonly string[] }
  | { readonly known: false; readonly reason: string };

/** It is asked for what it has on disk, and has answered for its version already. */
const ANSWER_MS = 10_000;
/** As `docker image inspect` ends where the engine has no such image. */
const NOT_THERE = 1;

/** Asks Docker whether it has the image of the part and of those that it is started with; loads none. */
export async function askImages(part: PartName): Promise<ImagesAnswer> {
  const images = [part, ...PART_IMAGES[part].startsWith].map((name) => PART_IMAGES[name].image);
  const answers = await Promise.all(
    images.map(async (image) => {
      const words = ["image", "inspect", "--format", "{{.Id}}", image];
      return { image, ...(await runDocker(words, { timeoutMs: ANSWER_MS })) };
    }),
  );
  const failed = answers.find(({ exitCode }) => exitCode !== 0 && exitCode !== NOT_THERE);
  if (failed !== undefined) {
    const said = failed.progress.at(-1) ?? `exit code ${failed.exitCode}`;
    return { known: false, reason: `docker does not say which images it has: ${said}` };
  }
  const missing = answers.filter(({ exitCode }) => exitCode === NOT_THERE);
  return { known: true, missing: missing.map(({ image }) => image) };
}
