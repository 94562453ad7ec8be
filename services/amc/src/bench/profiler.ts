import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";

/** A CPU profile as V8 gives it; only what is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  /** Node that was on top at each sample, and microseconds since the sample before. */
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
}

let session: Session | null = null;
let file: string | null = null;

/** From now on the measured part of this process is profiled into a file. */
export async function profileInto(path: string): Promise<void> {
  file = path;
  session = new Session();
  session.connect();
  await session.post("Profiler.enable");
}

/**
 * Profiles `body` when profiling was asked for. A workload wraps its measured part in it, so that
 * the making of its input is not in the profile; the innermost call of all counts.
 */
export async function profiled<Result>(body: () => Promise<Result>): Promise<Result> {
  if (session === null) return body();
  // Starting again drops what an outer call has collected.
  await session.post("Profiler.stop").catch(ignoreNotRunning);
  await session.post("Profiler.start");
  const result = await body();
  if (file !== null) {
    const { profile } = await session.post("Profiler.stop");
    writeFileSync(file, JSON.stringify(profile));
    file = null;
  }
  return result;
}

/** The inspector answers this way when there is nothing to stop, which is what we want. */
function ignoreNotRunning(error: unknown): void {
  if (error instanceof Error && "code" in error && error.code === "ERR_INSPECTOR_COMMAND") return;
  throw error;
}

/** Parts of the tree by what their code does, first match wins. */
const PARTS: readonly (readonly [RegExp, string])[] = [
  [/\/schemas\//, "encode and decode"],
  [/\/streams\/features\//, "features"],
  [/\/streams\/detectors\//, "detectors"],
  [/\/streams\/(gates|scoring|discovery)\//, "gates and scoring"],
  [/\/streams\/market\//, "calendar and indicators"],
  [/\/streams\/kernel\//, "stage kernel: routing, ids, state"],
  [/\/services\/platform\/src\/log\//, "log"],
  [/\/services\/platform\/src\/runtime\//, "stage runner"],
  [/\/services\//, "other services"],
];

/** Share of the samples per part of the tree, largest first, each 0 to 1. */
export function sharesOf(profile: CpuProfile): readonly (readonly [part: string, share: number])[] {
  const partOf = new Map(profile.nodes.map((node) => [node.id, partOfFrame(node.callFrame)]));
  const micros = new Map<string, number>();
  let total = 0;
  (profile.samples ?? []).forEach((id, index) => {
    const part = partOf.get(id) ?? "unknown";
    const delta = profile.timeDeltas?.[index] ?? 0;
    if (part === "idle") return;
    total += delta;
    micros.set(part, (micros.get(part) ?? 0) + delta);
  });
  return [...micros]
    .map(([part, spent]) => [part, total === 0 ? 0 : spent / total] as const)
    .sort(([, a], [, b]) => b - a);
}

function partOfFrame({ functionName, url }: CpuProfile["nodes"][number]["callFrame"]): string {
  if (functionName === "(garbage collector)") return "garbage collector";
  // Starting the profiler is not the workload's time either.
  if (functionName === "(idle)" || url === "node:inspector") return "idle";
  const known = PARTS.find(([pattern]) => pattern.test(url));
  return known === undefined ? "engine and libraries" : known[1];
}
