import { setTimeout as wait } from "node:timers/promises";
import {
  type Broker,
  type Connection,
  findCoordinatorV6,
  heartbeatV4,
  joinGroupV9,
  leaveGroupV5,
  syncGroupV5,
} from "@platformatic/kafka";
import { LogError } from "../../log/errors.ts";
import { isAnswer, isBrokerError } from "../../log/kafka/broker-failure.ts";
import { BrokerOrder } from "../../log/kafka/broker-order.ts";
import { type KafkaConnection, REQUEST_TIMEOUT_MS } from "../../log/kafka/client-options.ts";
import { Connections } from "../../log/kafka/connections.ts";

/** A member that is not heard of for so long is dead, and its units are given to others. */
export const SESSION_TIMEOUT_MS = 10_000;
/** How long the others wait for a member to join a division; one that is dead is out before that. */
const REBALANCE_TIMEOUT_MS = 30_000;

const GROUP_KEY = 0;
/** So that stock tools read what members and assignments hold. */
const PROTOCOL_TYPE = "consumer";
const PROTOCOL = "amc-units";

export interface JoinedMember {
  readonly memberId: string;
  readonly metadata: Buffer;
}

export interface Joined {
  readonly memberId: string;
  readonly generation: number;
  /** Everybody's subscription, to whom the coordinator made the leader; empty for the others. */
  readonly members: readonly JoinedMember[];
  readonly isLeader: boolean;
}

/** What a member asks of the coordinator of its group. */
export type Coordinator = Pick<
  GroupCoordinator,
  "join" | "sync" | "heartbeat" | "leave" | "forget" | "close"
>;

/** The requests of one member of a group to its coordinator. Errors are those of the broker. */
export class GroupCoordinator {
  readonly group: string;
  readonly #pool: Connections;
  /** For requests that are answered when all members have done their part. */
  readonly #patientPool: Connections;
  /** What every other request may take at most. */
  readonly #lookEveryMs: number;
  #coordinator: Broker | null = null;
  /** Of a new member that has not joined under it yet. */
  #givenId = "";

  constructor(connection: KafkaConnection, group: string) {
    this.group = group;
    const order = new BrokerOrder();
    const requestTimeoutMs = REBALANCE_TIMEOUT_MS + SESSION_TIMEOUT_MS;
    this.#lookEveryMs = connection.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    this.#pool = new Connections(connection, order);
    this.#patientPool = new Connections({ ...connection, requestTimeoutMs }, order);
  }

  /**
   * Joins under an id; empty for a new member, which gets one. Returns when the division is made. The id that a
   * try was given is kept for the next one: under another id the first would wait in the group for nobody.
   */
  async join(memberId: string, metadata: Buffer): Promise<Joined> {
    const id = memberId === "" ? this.#givenId : memberId;
    try {
      const joined = await this.#joinAs(id, metadata);
      this.#givenId = "";
      return joined;
    } catch (error) {
      if (isBrokerError(error, "UNKNOWN_MEMBER_ID")) this.#givenId = "";
      const given = id === "" ? idGivenIn(error) : null;
      if (given === null) throw error;
      this.#givenId = given;
      return await this.join("", metadata);
    }
  }

  async #joinAs(memberId: string, metadata: Buffer): Promise<Joined> {
    const { generationId, leader, members, ...answer } = await this.#patiently((connection) =>
      joinGroupV9.api.async(
        connection,
        this.group,
        SESSION_TIMEOUT_MS,
        REBALANCE_TIMEOUT_MS,
        memberId,
        null,
        PROTOCOL_TYPE,
        [{ name: PROTOCOL, metadata }],
      ),
    );
    return {
      memberId: answer.memberId,
      generation: generationId,
      members,
      isLeader: leader === answer.memberId,
    };
  }

  /** The own assignment; the leader brings everybody's. */
  async sync(
    { generation, memberId }: Joined,
    assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[],
  ): Promise<Buffer> {
    const { assignment } = await this.#patiently((connection) =>
      syncGroupV5.api.async(
        connection,
        this.group,
        generation,
        memberId,
        null,
        PROTOCOL_TYPE,
        PROTOCOL,
        [...assignments],
      ),
    );
    return assignment;
  }

  async heartbeat({ generation, memberId }: Joined): Promise<void> {
    await heartbeatV4.api.async(await this.#connect(), this.group, generation, memberId, null);
  }

  async leave(memberId: string): Promise<void> {
    await leaveGroupV5.api.async(await this.#connect(), this.group, [{ memberId }]);
  }

  /** The next request asks who coordinates the group. */
  forget(): void {
    this.#coordinator = null;
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool.close(), this.#patientPool.close()]);
  }

  async #connect(): Promise<Connection> {
    return await this.#pool.get(await this.#known());
  }

  /**
   * A division takes its time, and one at a coordinator that hangs is never answered: to be told from each
   * other, the coordinator is asked something else meanwhile. One that does not answer that loses the request.
   */
  async #patiently<Answer>(request: (connection: Connection) => Promise<Answer>): Promise<Answer> {
    const coordinator = await this.#known();
    const connection = await this.#patientPool.get(coordinator);
    const answered = new AbortController();
    void Promise.allSettled([this.#closeWhenSilent(coordinator, connection, answered.signal)]);
    try {
      return await request(connection);
    } finally {
      answered.abort();
    }
  }

  async #closeWhenSilent(
    coordinator: Broker,
    connection: Connection,
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#whoCoordinates(await this.#pool.get(coordinator));
      } catch (error) {
        if (!isAnswer(error) && !signal.aborted) return await connection.close();
      }
      await wait(this.#lookEveryMs, undefined, { signal });
    }
  }

  async #known(): Promise<Broker> {
    this.#coordinator ??= await this.#find();
    return this.#coordinator;
  }

  #whoCoordinates(connection: Connection) {
    return findCoordinatorV6.api.async(connection, GROUP_KEY, [this.group]);
  }

  async #find(): Promise<Broker> {
    const answer = await this.#pool.ask((connection) => this.#whoCoordinates(connection));
    const [coordinator] = answer.coordinators;
    if (coordinator === undefined) {
      throw new LogError("log.unavailable", `Group ${this.group} has no coordinator`);
    }
    return { host: coordinator.host, port: coordinator.port };
  }
}

/** A broker gives a new member its id with an error, and expects it to join again under that id. */
function idGivenIn(error: unknown): string | null {
  if (!isBrokerError(error, "MEMBER_ID_REQUIRED")) return null;
  if (!(error instanceof Error) || !("response" in error)) return null;
  const { response } = error;
  if (typeof response !== "object" || response === null || !("memberId" in response)) return null;
  return typeof response.memberId === "string" ? response.memberId : null;
}
