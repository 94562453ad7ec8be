import { describe, expect, it } from "vitest";
import { brokerSettings, heapMegabytes } from "./broker-settings.ts";

const place = (id: number) => ({
  id,
  port: 9091 + id,
  controllerPort: 19_091 + id,
  dataDirectory: `/data/kafka-${id}`,
});

function settingsOf(brokers: number): Map<string, string> {
  const all = Array.from({ length: brokers }, (_, index) => place(index + 1));
  const lines = brokerSettings(place(1), all, null).split("\n");
  return new Map(
    lines.flatMap((line) => {
      const [, name, value] = /^([a-z.]+)=(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}

describe("the settings of a broker", () => {
  it("listen on loopback and nowhere else", () => {
    for (const name of ["listeners", "advertised.listeners", "controller.quorum.voters"]) {
      const hosts =
        settingsOf(3)
          .get(name)
          ?.match(/(?<=[@/])[^:@/]+(?=:\d+)/g) ?? [];
      expect(new Set(hosts)).toEqual(new Set(["127.0.0.1"]));
    }
  });

  it("keep three copies of everything on three brokers, two of them before an answer", () => {
    const settings = settingsOf(3);
    expect(settings.get("controller.quorum.voters")?.split(",")).toHaveLength(3);
    for (const topic of [
      "offsets.topic",
      "transaction.state.log",
      "share.coordinator.state.topic",
    ]) {
      expect(settings.get(`${topic}.replication.factor`)).toBe("3");
      expect(settings.get(`${topic}.num.partitions`)).toBe("4");
    }
    expect(settings.get("min.insync.replicas")).toBe("2");
    expect(settings.get("transaction.state.log.min.isr")).toBe("2");
  });

  it("ask for one copy on one broker, which has no others", () => {
    expect(settingsOf(1).get("offsets.topic.replication.factor")).toBe("1");
  });

  it("create no topic because somebody misspelt one", () => {
    expect(settingsOf(1).get("auto.create.topics.enable")).toBe("false");
  });

  it("give three brokers less memory each than one alone", () => {
    expect([heapMegabytes(1), heapMegabytes(3)]).toEqual([512, 256]);
  });
});
