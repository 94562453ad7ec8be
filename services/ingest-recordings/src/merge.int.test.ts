import { afterEach, describe, expect, it } from "vitest";
import { describeRecording, surveyRecording } from "./describe.ts";
import type { RecordingManifest } from "./manifest.ts";
import { mergeRecording, type PlayItem } from "./merge.ts";
import { folderOf, MINUTE_BARS, MINUTE_HEADER, manifestOf } from "./testing/fixtures.ts";

const folders: { remove(): Promise<void> }[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.remove();
});

function bar(symbol: string, minute: number, volume = minute + 1): string {
  const time = new Date(Date.UTC(2021, 0, 13, 14, 30 + minute)).toISOString();
  return `${symbol},${time},10,11,9,10,${volume}`;
}

function csv(...rows: string[]): string {
  return `${[MINUTE_HEADER, ...rows].join("\n")}\n`;
}

async function folder(files: Readonly<Record<string, string>>): Promise<string> {
  const made = await folderOf(files);
  folders.push(made);
  return made.path;
}

async function merged(
  manifest: RecordingManifest,
  dataRoot: string,
  sortedMax?: number,
): Promise<PlayItem[]> {
  const items: PlayItem[] = [];
  const recording = await surveyRecording({ manifest, dataRoot });
  for await (const batch of mergeRecording(recording, sortedMax)) items.push(...batch);
  return items;
}

/** `ACME@31` for the bar of ACME that ends at 14:31; codes of rejects; `duplicate`. */
function shown(items: readonly PlayItem[]): string[] {
  return items.map((item) => {
    if (item.type === "rejected") return item.code;
    if (item.type === "duplicate") return item.type;
    const { symbol, happenedAt } = item.fact.value;
    return `${symbol}@${new Date(happenedAt).getUTCMinutes()}`;
  });
}

const TWO_FILES = manifestOf({ sources: [{ ...MINUTE_BARS, path: "*.csv" }] });

describe("mergeRecording", () => {
  it("puts the facts of many files in the order of publication", async () => {
    const path = await folder({
      "a.csv": csv(bar("ACME", 0), bar("ACME", 2), bar("ACME", 4)),
      "b.csv": csv(bar("BETA", 1), bar("BETA", 3)),
    });
    expect(shown(await merged(TWO_FILES, path))).toEqual([
      "ACME@31",
      "BETA@32",
      "ACME@33",
      "BETA@34",
      "ACME@35",
    ]);
  });

  it("gives one order however the rows are spread over files and lines", async () => {
    const rows = ["ACME", "BETA", "GAMA"].flatMap((symbol) =>
      [0, 1, 2].map((minute) => bar(symbol, minute)),
    );
    const inOrder = await folder({ "a.csv": csv(...rows) });
    const reversed = await folder({
      "a.csv": csv(...rows.slice(4)),
      "b.csv": csv(...rows.slice(0, 4).reverse()),
    });
    const orders = [await merged(TWO_FILES, inOrder), await merged(TWO_FILES, reversed)].map(shown);
    expect(orders[0]).toEqual(orders[1]);
    expect(orders[0]).toHaveLength(9);
  });

  it("ranks facts of one instant by topic: a split before the price on its basis", async () => {
    const path = await folder({ "a.csv": csv(bar("ACME", 0)) });
    const manifest = manifestOf({
      sources: [{ ...MINUTE_BARS, path: "a.csv" }],
      inline: [
        {
          kind: "corporate-action",
          symbol: "ACME",
          action: "SPLIT",
          ratio: 2,
          effectiveAt: "2021-01-14",
          publishedAt: "2021-01-13T14:31:00Z",
        },
      ],
    });
    const topics = (await merged(manifest, path)).map(
      (item) => item.type === "fact" && item.fact.topic,
    );
    expect(topics).toEqual(["market.corporate-action.v1", "market.price-tick.v1"]);
  });

  it("keeps the first of two facts with one id: the same again is a duplicate, others a conflict", async () => {
    const path = await folder({
      "a.csv": csv(bar("ACME", 0, 5), bar("ACME", 0, 5), bar("ACME", 0, 6), bar("ACME", 1)),
    });
    expect(shown(await merged(TWO_FILES, path))).toEqual([
      "ACME@31",
      "duplicate",
      "id.conflict",
      "ACME@32",
    ]);
  });

  it("keeps a rejected row where it was read", async () => {
    const path = await folder({
      "a.csv": csv("bad,row", bar("ACME", 0), "x,y,1,2,3,4,5", bar("ACME", 1)),
    });
    expect(shown(await merged(TWO_FILES, path))).toEqual([
      "row.columns",
      "ACME@31",
      "symbol.invalid",
      "ACME@32",
    ]);
  });

  it("sorts what is not in order, but refuses it where the manifest says it is, or where it is too large", async () => {
    const path = await folder({ "a.csv": csv(bar("ACME", 2), bar("ACME", 1), bar("ACME", 0)) });
    expect(shown(await merged(TWO_FILES, path))).toEqual(["ACME@31", "ACME@32", "ACME@33"]);
    const strict = manifestOf({ sources: [{ ...MINUTE_BARS, path: "a.csv", order: "ascending" }] });
    await expect(merged(strict, path)).rejects.toMatchObject({ code: "recording.out-of-order" });
    await expect(merged(TWO_FILES, path, 2)).rejects.toMatchObject({
      code: "recording.too-large-to-sort",
    });
  });

  it("holds no more than the files that overlap in time", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 60 }, (_, minute) => [
        `day-${String(minute).padStart(2, "0")}.csv`,
        csv(bar("ACME", minute)),
      ]),
    );
    const path = await folder(files);
    const recording = await surveyRecording({ manifest: TWO_FILES, dataRoot: path });
    let open = 0;
    let openMax = 0;
    const parts = recording.parts.map(({ part, survey }) => ({
      survey,
      part: {
        ...part,
        open: async function* () {
          open += 1;
          openMax = Math.max(openMax, open);
          try {
            yield* part.open();
          } finally {
            open -= 1;
          }
        },
      },
    }));
    let facts = 0;
    for await (const batch of mergeRecording({ ...recording, parts })) facts += batch.length;
    expect([facts, open, openMax]).toEqual([60, 0, 1]);
  });
});

describe("describeRecording", () => {
  it("says what a recording holds before it is played", async () => {
    const path = await folder({
      "a.csv": csv(bar("BETA", 5), "bad,row", bar("ACME", 3)),
    });
    const description = await describeRecording({ manifest: TWO_FILES, dataRoot: path });
    expect(description).toMatchObject({
      name: "test",
      symbols: ["ACME", "BETA"],
      facts: 2,
      factsByTopic: { "market.price-tick.v1": 2 },
      rejected: 1,
      firstPublishedAt: Date.UTC(2021, 0, 13, 14, 34),
      lastPublishedAt: Date.UTC(2021, 0, 13, 14, 36),
      hasIntradayPrices: true,
      parts: [{ label: "a.csv", isAscending: false }],
    });
  });

  it("has a fingerprint of every byte, of the manifest and of the symbols asked for, not of its prose", async () => {
    const rows = [bar("ACME", 0), bar("BETA", 1)];
    const path = await folder({ "a.csv": csv(...rows) });
    const fingerprint = async (
      manifest: RecordingManifest,
      dataRoot = path,
      symbols?: ReadonlySet<string>,
    ): Promise<string> => (await describeRecording({ manifest, dataRoot, symbols })).fingerprint;
    const base = await fingerprint(TWO_FILES);
    expect(await fingerprint({ ...TWO_FILES, description: "other words" })).toBe(base);
    expect(await fingerprint({ ...TWO_FILES, simulated: true })).not.toBe(base);
    expect(await fingerprint(TWO_FILES, path, new Set(["ACME"]))).not.toBe(base);
    const other = await folder({ "a.csv": csv(...rows).replace(",10,2", ",10,3") });
    expect(await fingerprint(TWO_FILES, other)).not.toBe(base);
  });
});
