import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { Reader, Writer } from "@platformatic/kafka";
import { z } from "zod";

const HOST = "127.0.0.1";
const SIZE_BYTES = 4;
/** Requests by Kafka's numbers, in the versions that this broker knows; older clients speak them. */
export const REQUEST = {
  produce: 0,
  metadata: 3,
  findCoordinator: 10,
  apiVersions: 18,
  initProducerId: 22,
  addPartitionsToTxn: 24,
  endTxn: 26,
} as const;
const VERSIONS: readonly (readonly [kind: number, version: number])[] = [
  [REQUEST.produce, 3],
  [REQUEST.metadata, 1],
  [REQUEST.findCoordinator, 1],
  [REQUEST.apiVersions, 0],
  [REQUEST.initProducerId, 0],
  [REQUEST.addPartitionsToTxn, 0],
  [REQUEST.endTxn, 0],
];
const NOT_LEADER = 6;
const OUT_OF_ORDER = 45;
/** Where a batch of format 2 has its first sequence number and the count of its records. */
const SEQUENCE_AT = 53;
const COUNT_AT = 57;

export interface FakeBatch {
  readonly sequence: number;
  readonly count: number;
  readonly base: number;
}

/** What becomes of a request: answered, done and not answered, or not even done; a number is an error. */
export type Fate = "answered" | "unanswered" | "ignored" | number;

export interface FakeKafka {
  readonly addresses: readonly string[];
  /** Open connections, with the broker that each is to. */
  readonly connections: ReadonlyMap<Socket, number>;
  /** Batches by `topic/partition`. */
  readonly log: ReadonlyMap<string, readonly FakeBatch[]>;
  /** Broker that leads a partition; the number of the partition modulo that of the brokers unless set. */
  readonly leaders: Map<string, number>;
  /** Asked before each request is done. */
  fate: (kind: number, socket: Socket, broker: number) => Promise<Fate> | Fate;
  readonly close: () => void;
}

/** Brokers in this process that take transactions of one topic, and do to requests what a test wants. */
export async function fakeKafka(brokers: number, partitions: number): Promise<FakeKafka> {
  const connections = new Map<Socket, number>();
  const log = new Map<string, FakeBatch[]>();
  const leaders = new Map<string, number>();
  const ports: number[] = [];
  const servers: Server[] = [];
  const kafka: FakeKafka = {
    get addresses() {
      return ports.map((port) => `${HOST}:${port}`);
    },
    ...{ connections, log, leaders },
    fate: () => "answered",
    close: () => {
      for (const socket of connections.keys()) socket.destroy();
      for (const server of servers) server.close();
    },
  };
  const cluster = { partitions, ports, log, leaders };
  for (let broker = 0; broker < brokers; broker += 1) {
    const server = createServer((socket) => {
      connections.set(socket, broker);
      socket.on("close", () => connections.delete(socket)).on("error", () => undefined);
      let bytes = Buffer.alloc(0);
      socket.on("data", (chunk) => {
        bytes = Buffer.concat([bytes, chunk]);
        while (bytes.length >= SIZE_BYTES && bytes.length >= SIZE_BYTES + bytes.readInt32BE(0)) {
          const end = SIZE_BYTES + bytes.readInt32BE(0);
          const request = bytes.subarray(SIZE_BYTES, end);
          bytes = bytes.subarray(end);
          void answer(kafka, cluster, { socket, broker, request });
        }
      });
    });
    await once(server.listen(0, HOST), "listening");
    ports.push(z.object({ port: z.number() }).parse(server.address()).port);
    servers.push(server);
  }
  return kafka;
}

interface Brokers {
  readonly partitions: number;
  readonly ports: readonly number[];
  readonly log: Map<string, FakeBatch[]>;
  readonly leaders: ReadonlyMap<string, number>;
}

interface Asked {
  readonly socket: Socket;
  readonly broker: number;
  readonly request: Buffer;
}

async function answer(kafka: FakeKafka, cluster: Brokers, asked: Asked): Promise<void> {
  const { socket, broker, request } = asked;
  const reader = Reader.from(request);
  const [kind, , correlationId] = [reader.readInt16(), reader.readInt16(), reader.readInt32()];
  reader.readString(false);
  const fate = await kafka.fate(kind, socket, broker);
  if (fate === "ignored" || socket.destroyed) return;
  const error = typeof fate === "number" ? fate : 0;
  const body = bodyOf(kind, reader, { cluster, broker, error });
  if (fate === "unanswered") return;
  const head = Buffer.alloc(2 * SIZE_BYTES);
  head.writeInt32BE(SIZE_BYTES + body.length, 0);
  head.writeInt32BE(correlationId, SIZE_BYTES);
  socket.write(Buffer.concat([head, body.buffer]));
}

interface Situation {
  readonly cluster: Brokers;
  readonly broker: number;
  readonly error: number;
}

function bodyOf(kind: number, reader: Reader, situation: Situation): Writer {
  const { cluster, error } = situation;
  const writer = Writer.create();
  if (kind === REQUEST.apiVersions) {
    writer.appendInt16(0).appendInt32(VERSIONS.length);
    for (const [known, version] of VERSIONS) {
      writer.appendInt16(known).appendInt16(version).appendInt16(version);
    }
    return writer;
  }
  if (kind === REQUEST.metadata) return metadata(writer, reader, cluster);
  if (kind === REQUEST.produce) return produced(writer, reader, situation);
  if (kind === REQUEST.addPartitionsToTxn) return added(writer, reader, error);
  writer.appendInt32(0).appendInt16(error);
  if (kind === REQUEST.initProducerId) return writer.appendInt64(7n).appendInt16(0);
  if (kind !== REQUEST.findCoordinator) return writer;
  writer.appendString(null, false).appendInt32(0).appendString(HOST, false);
  return writer.appendInt32(cluster.ports[0] ?? 0);
}

function metadata(writer: Writer, reader: Reader, { partitions, ports, leaders }: Brokers): Writer {
  writer.appendInt32(ports.length);
  for (const [id, port] of ports.entries()) {
    writer.appendInt32(id).appendString(HOST, false).appendInt32(port).appendString(null, false);
  }
  writer.appendInt32(0);
  const topics = Array.from({ length: Math.max(0, reader.readInt32()) }, () =>
    reader.readString(false),
  );
  writer.appendInt32(topics.length);
  for (const topic of topics) {
    writer.appendInt16(0).appendString(topic, false).appendInt8(0).appendInt32(partitions);
    for (let partition = 0; partition < partitions; partition += 1) {
      const leader = leaders.get(`${topic}/${partition}`) ?? partition % ports.length;
      writer.appendInt16(0).appendInt32(partition).appendInt32(leader);
      writer.appendInt32(1).appendInt32(0).appendInt32(1).appendInt32(0);
    }
  }
  return writer;
}

function added(writer: Writer, reader: Reader, error: number): Writer {
  reader.readString(false);
  reader.readInt64();
  reader.readInt16();
  const topics = reader.readInt32();
  writer.appendInt32(0).appendInt32(topics);
  for (let topic = 0; topic < topics; topic += 1) {
    writer.appendString(reader.readString(false), false);
    const partitions = reader.readInt32();
    writer.appendInt32(partitions);
    for (let index = 0; index < partitions; index += 1) {
      writer.appendInt32(reader.readInt32()).appendInt16(error);
    }
  }
  return writer;
}

function produced(writer: Writer, reader: Reader, situation: Situation): Writer {
  reader.readString(false);
  reader.readInt16();
  reader.readInt32();
  const topics = reader.readInt32();
  writer.appendInt32(topics);
  for (let index = 0; index < topics; index += 1) {
    const topic = reader.readString(false);
    writer.appendString(topic, false);
    const partitions = reader.readInt32();
    writer.appendInt32(partitions);
    for (let of = 0; of < partitions; of += 1) {
      const partition = reader.readInt32();
      const { error, base } = appended(topic, partition, reader.readBytes(false), situation);
      writer.appendInt32(partition).appendInt16(error);
      writer.appendInt64(BigInt(base)).appendInt64(-1n);
    }
  }
  return writer.appendInt32(0);
}

/** As a broker does: a batch that it has already keeps its place, one that skips a number has none. */
function appended(
  topic: string,
  partition: number,
  batch: Buffer,
  { cluster, broker, error }: Situation,
): { error: number; base: number } {
  const id = `${topic}/${partition}`;
  const leader = cluster.leaders.get(id) ?? partition % cluster.ports.length;
  if (leader !== broker) return { error: NOT_LEADER, base: -1 };
  if (error !== 0) return { error, base: -1 };
  const batches = cluster.log.get(id) ?? [];
  cluster.log.set(id, batches);
  const [sequence, count] = [batch.readInt32BE(SEQUENCE_AT), batch.readInt32BE(COUNT_AT)];
  const known = batches.find((one) => one.sequence === sequence);
  if (known !== undefined) return { error: 0, base: known.base };
  const base = batches.reduce((sum, one) => sum + one.count, 0);
  if (base !== sequence) return { error: OUT_OF_ORDER, base: -1 };
  batches.push({ sequence, count, base });
  return { error: 0, base };
}
