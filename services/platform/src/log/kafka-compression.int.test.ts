import { randomUUID } from "node:crypto";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { testPart } from "@amc/stack/testing/test-part";
import { settlementDates } from "@amc/streams/short-interest/finra-calendar";
import { shortQuality } from "@amc/streams/testing/short-quality-events";
import { Admin } from "@platformatic/kafka";
import { describe, expect, it, onTestFinished } from "vitest";
import { clientOptions, type KafkaConnection } from "./kafka/client-options.ts";
import {
  checkTopics,
  mendTopics,
  provideTopics,
  removeTopics,
} from "./kafka/topics/topic-admin.ts";
import { openKafkaLog } from "./kafka.ts";
import type { Append } from "./port.ts";

const kafka = await testPart("kafka");
const TOPIC = "short.quality.v1";
const LAYOUT = [{ topic: TOPIC, partitions: 1 }];
const SYMBOLS = 100;
const LIMITS = { maxRecords: 10_000, maxBytes: 16 * 1_048_576 };

/** A year of judgements, as they come: the symbols of one settlement date together, in one commit. */
const YEAR: readonly (readonly Append[])[] = settlementDates(2020).map((settlementDate, period) =>
  Array.from({ length: SYMBOLS }, (_, at) => {
    const symbol = `S${at}`;
    const known = { sharesShort: 1_000_003 * (at + 1) + 7_919 * period, overall: 0.7 + at / 1000 };
    const { id, key, value } = shortQuality({ symbol, settlementDate, ...known });
    const headers = eventHeaders({ id, source: "/test", topic: TOPIC, happenedAt: 0 });
    return { topic: TOPIC, key, value: encodeEvent(TOPIC, value), headers };
  }),
);

interface Kept {
  readonly bytes: number;
  readonly values: readonly (Uint8Array | null)[];
}

/** Writes the year to a topic that is kept as asked, and reads it back. */
async function kept(compressesShortInterest: boolean): Promise<Kept> {
  const { connection, prefix } = await topicsFor(compressesShortInterest);
  const log = await openKafkaLog({ connection, prefix, layout: LAYOUT });
  onTestFinished(() => log.close());
  for (const appends of YEAR) await log.commit({ appends });
  const records = await log.read(TOPIC, 0, 0, LIMITS);
  return {
    bytes: await bytesOnDisk(connection, prefix + TOPIC),
    values: records.map(({ value }) => value),
  };
}

async function topicsFor(compressesShortInterest: boolean) {
  const connection = { brokers: (kafka.address ?? "").split(","), clientId: "amc-test" };
  const prefix = `test-${randomUUID().slice(0, 8)}.`;
  const wanted = { prefix, layout: LAYOUT, groups: [], compressesShortInterest };
  const { names } = await provideTopics(connection, wanted);
  onTestFinished(() => removeTopics(connection, names));
  return { connection, prefix, wanted };
}

async function bytesOnDisk(connection: KafkaConnection, name: string): Promise<number> {
  const admin = new Admin(clientOptions(connection));
  try {
    const brokers = await admin.describeLogDirs({ topics: [{ name, partitions: [0] }] });
    const partitions = brokers.flatMap(({ results }) =>
      results.flatMap(({ topics }) => topics.flatMap((topic) => topic.partitions)),
    );
    return partitions.reduce((sum, { partitionSize }) => sum + Number(partitionSize), 0);
  } finally {
    await admin.close();
  }
}

describe.skipIf(kafka.address === null)(`a year of short interest on Kafka${kafka.skipped}`, () => {
  it("takes less than half the room with ENABLE_SHORT_INTEREST_COMPRESSION, and is read as it was written (R-SI-14)", async () => {
    const [packed, plain] = [await kept(true), await kept(false)];
    console.log({ records: plain.values.length, plain: plain.bytes, packed: packed.bytes });
    const written = YEAR.flat().map(({ value }) => value);
    expect(packed.values).toEqual(written);
    expect(plain.values).toEqual(written);
    expect(plain.bytes).toBeGreaterThan(
      written.reduce((sum, value) => sum + (value?.length ?? 0), 0),
    );
    expect(packed.bytes).toBeLessThan(plain.bytes / 2);
  }, 60_000);

  it("is used as it is by an installation of before, until topics check --mend packs what comes", async () => {
    const { connection, wanted } = await topicsFor(false);
    const packing = { ...wanted, compressesShortInterest: true };
    await expect(provideTopics(connection, packing)).resolves.toMatchObject({ absent: [] });
    const { differences } = await checkTopics(connection, packing);
    expect(differences).toEqual([
      {
        topic: wanted.prefix + TOPIC,
        ...{ setting: "compression.type", is: "producer", should: "gzip" },
      },
    ]);
    expect((await mendTopics(connection, packing)).differences).toEqual([]);
  }, 60_000);
});
