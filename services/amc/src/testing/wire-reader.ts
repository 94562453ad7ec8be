import type { Log, LogRecord } from "@amc/platform/log/port";
import type { RegistryClient } from "@amc/platform/registry/registry-client";
import { registerReleases } from "@amc/platform/registry/releases";
import { WireIds } from "@amc/platform/registry/wire-ids";
import { encodeEvent } from "@amc/schemas/codec";
import { bodyOf, schemaIdOf } from "@amc/schemas/envelope";
import { avscType, avscTypeOfSchema, isEventOf } from "@amc/schemas/testing/avsc-type";
import { isTopicName, type TopicName } from "@amc/schemas/topics";
import { alteredLog } from "./altered-log.ts";

type AvscType = ReturnType<typeof avscTypeOfSchema>;
type Resolver = ReturnType<AvscType["createResolver"]>;

/**
 * Reads records as they lie on Kafka, whichever build wrote them, by the schemas that a registry has and
 * with avsc, as a consumer of another make does.
 */
export class WireReader {
  readonly #client: RegistryClient;
  readonly #ids: WireIds;
  readonly #writers = new Map<number, Promise<AvscType>>();
  readonly #resolvers = new Map<string, Resolver>();

  private constructor(client: RegistryClient, ids: WireIds) {
    this.#client = client;
    this.#ids = ids;
  }

  /** Registers the releases of this build if they are not. */
  static async open(client: RegistryClient): Promise<WireReader> {
    return new WireReader(client, new WireIds(await registerReleases(client)));
  }

  /** What the writer said, in the schema it said it in. */
  async asWritten(bytes: Uint8Array): Promise<Readonly<Record<string, unknown>>> {
    const writer = await this.#writerOf(schemaIdOf(bytes) ?? 0);
    return JSON.parse(JSON.stringify(writer.fromBuffer(Buffer.from(bodyOf(bytes)))));
  }

  /** A log of values as this build would have written them: what only a later schema has is left out. */
  inOwnSchemas(log: Log): Log {
    return alteredLog(log, {
      read: async (...place) => {
        const records = await log.read(...place);
        return await Promise.all(records.map((record) => this.#inOwnSchema(record)));
      },
    });
  }

  async #inOwnSchema(record: LogRecord): Promise<LogRecord> {
    const { topic, value } = record;
    const id = value === null ? null : schemaIdOf(value);
    if (value === null || id === null || !isTopicName(topic)) return record;
    if (!this.#ids.isKnown(id))
      return { ...record, value: await this.#translated(topic, id, value) };
    const copy = Uint8Array.from(value);
    this.#ids.toLocal(copy);
    return { ...record, value: copy };
  }

  async #translated(topic: TopicName, id: number, bytes: Uint8Array): Promise<Uint8Array> {
    const reader = avscType(topic);
    const key = `${topic} ${id}`;
    const writer = await this.#writerOf(id);
    const resolver = this.#resolvers.get(key) ?? reader.createResolver(writer);
    this.#resolvers.set(key, resolver);
    const body = Buffer.from(bodyOf(bytes));
    const value: unknown = JSON.parse(JSON.stringify(reader.fromBuffer(body, resolver)));
    if (!isEventOf(topic, value)) throw new TypeError(`schema ${id} holds no event of ${topic}`);
    return encodeEvent(topic, value);
  }

  async #writerOf(id: number): Promise<AvscType> {
    const asked = this.#writers.get(id) ?? this.#ask(id);
    this.#writers.set(id, asked);
    return await asked;
  }

  async #ask(id: number): Promise<AvscType> {
    const text = await this.#client.schemaOf(id);
    if (text === null) throw new RangeError(`the registry has no schema ${id}`);
    return avscTypeOfSchema(JSON.parse(text));
  }
}
