import { describe, expect, it } from "vitest";
import { PartitionTable } from "./partition-table.ts";

function tableOf(...layout: readonly (readonly [topic: string, partitions: number])[]) {
  return new PartitionTable(
    layout.map(([topic, partitions]) => ({ topic, partitions })),
    (topic, partition) => `${topic}/${partition}`,
  );
}

describe("partition table", () => {
  it("holds one entry for each partition, in the order of the layout", () => {
    const table = tableOf(["b.v1", 2], ["a.v1", 1]);
    expect([...table.entries()]).toEqual(["b.v1/0", "b.v1/1", "a.v1/0"]);
    expect(table.at("b.v1", 1)).toBe("b.v1/1");
    expect(table.partitions("b.v1")).toBe(2);
    expect(table.topics()).toEqual([
      { topic: "b.v1", partitions: 2 },
      { topic: "a.v1", partitions: 1 },
    ]);
  });

  it.each([
    [
      "a topic named twice",
      [
        ["a.v1", 1],
        ["a.v1", 2],
      ],
    ],
    ["a topic without partitions", [["a.v1", 0]]],
    ["half a partition", [["a.v1", 1.5]]],
    ["a name that Kafka would refuse", [["a v1", 1]]],
    ["an empty name", [["", 1]]],
  ] as const)("refuses %s", (_, layout) => {
    expect(() => tableOf(...layout)).toThrow(expect.objectContaining({ code: "log.format" }));
  });

  it("refuses topics and partitions it does not have", () => {
    const table = tableOf(["a.v1", 2]);
    const unknown = (code: string) => expect.objectContaining({ code });
    expect(() => table.at("b.v1", 0)).toThrow(unknown("log.unknown-topic"));
    for (const partition of [-1, 2, 0.5, Number.NaN]) {
      expect(() => table.at("a.v1", partition)).toThrow(unknown("log.unknown-partition"));
    }
  });
});
