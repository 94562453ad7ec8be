import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { EventOf, FactTopic } from "@amc/schemas/topics";
import type { Fact } from "@amc/streams/kernel/fact";
import type { FactItem, Rejected } from "../facts/fact.ts";
import { loadManifest, parseManifest } from "../manifest/load-manifest.ts";
import type { RecordingManifest } from "../manifest.ts";
import { sourceParts } from "../readers/source-parts.ts";

const REPOSITORY = resolve(import.meta.dirname, "../../../..");

/** Recorded market data; tests that need it are skipped by name where it is absent. */
export const DATA_ROOT = resolve(REPOSITORY, process.env.AMC_DATA ?? "../shared/data");
export const HAS_DATA = existsSync(join(DATA_ROOT, "gme-2021"));
export const RECORDINGS = join(REPOSITORY, "infra/recordings");

export function recording(name: string): Promise<RecordingManifest> {
  return loadManifest(join(RECORDINGS, `${name}.json`));
}

/** A manifest around some sources, as an author would write them. */
export function manifestOf(fields: {
  readonly sources?: readonly object[];
  readonly inline?: readonly object[];
  readonly evaluate?: object;
  readonly slots?: unknown;
  readonly name?: string;
}): RecordingManifest {
  return parseManifest({
    name: "test",
    description: "made for a test",
    vendor: { name: "test-vendor", weight: 0.9 },
    ...fields,
  });
}

/** One-minute bars `symbol,time,open,high,low,close,volume` with UTC stamps of their start. */
export const MINUTE_BARS = {
  name: "minutes",
  format: "delimited",
  kind: "bar",
  path: "bars.csv",
  interval: "1m",
  volumeScope: "CONSOLIDATED",
  stamp: { unit: "iso", marks: "start" },
  columns: {
    symbol: "symbol",
    timestamp: "time",
    open: "open",
    high: "high",
    low: "low",
    close: "close",
    volume: "volume",
  },
} as const;

export const MINUTE_HEADER = "symbol,time,open,high,low,close,volume";

/** A folder with these files, removed by `remove`. */
export async function folderOf(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "amc-recording-"));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export interface ReadItems {
  readonly facts: readonly Fact[];
  readonly items: readonly FactItem[];
  readonly rejected: readonly Rejected[];
  readonly skipped: Readonly<Record<string, number>>;
}

/** Everything the readers give for a manifest, in file order; `source` picks one of its sources. */
export async function readAll(
  manifest: RecordingManifest,
  dataRoot: string,
  source?: string,
): Promise<ReadItems> {
  const items: FactItem[] = [];
  const rejected: Rejected[] = [];
  const skipped: Record<string, number> = {};
  for (const part of await sourceParts(manifest, dataRoot, null)) {
    if (source !== undefined && part.source !== source) continue;
    for await (const batch of part.open()) {
      for (const item of batch) {
        if (item.type === "fact") items.push(item);
        else if (item.type === "rejected") rejected.push(item);
        else skipped[item.reason] = (skipped[item.reason] ?? 0) + 1;
      }
    }
  }
  return { facts: items.map(({ fact }) => fact), items, rejected, skipped };
}

/** Values of the facts of one topic. */
export function valuesOf<Topic extends FactTopic>(
  facts: readonly Fact[],
  topic: Topic,
): EventOf<Topic>[] {
  const values: EventOf<Topic>[] = [];
  for (const fact of facts) if (isOf(fact, topic)) values.push(fact.value);
  return values;
}

function isOf<Topic extends FactTopic>(
  fact: Fact,
  topic: Topic,
): fact is Fact & { readonly topic: Topic; readonly value: EventOf<Topic> } {
  return fact.topic === topic;
}

/** `2021-01-27 16:00` on New York's wall clock in winter (EST) or summer (EDT). */
export function eastern(text: string, offset: "EST" | "EDT" = "EST"): number {
  return Date.parse(`${text.replace(" ", "T")}:00${offset === "EST" ? "-05:00" : "-04:00"}`);
}
