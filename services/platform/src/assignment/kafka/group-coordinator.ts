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
import { isBrokerError } from "../../log/kafka/broker-failure.ts";
import { BrokerOrder } from "../../log/kafka/broker-order.ts";
import type { KafkaConnection } from "../../log/kafka/client-options.ts";
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
  #coordinator: Broker | null = null;

  constructor(connection: KafkaConnection, group: string) {
    this.group = group;
    const order = new BrokerOrder();
    const requestTimeoutMs = REBALANCE_TIMEOUT_MS + SESSION_TIMEOUT_MS;
    this.#pool = new Connections(connection, order);
    this.#patientPool = new Connections({ ...connection, requestTimeoutMs }, order);
  }

  /** Joins under an id; empty for a new member, which gets one. Returns when the division is made. */
  async join(memberId: string, metadata: Buffer): Promise<Joined> {
    try {
      const answer = await joinGroupV9.api.async(
        await this.#connect(this.#patientPool),
        this.group,
        SESSION_TIMEOUT_MS,
        REBALANCE_TIMEOUT_MS,
        memberId,
        null,
        PROTOCOL_TYPE,
        [{ name: PROTOCOL, metadata }],
      );
      const { generationId: generation, leader, members } = answer;
      return {
        memberId: answer.memberId,
        generation,
        members,
        isLeader: leader === answer.memberId,
      };
    } catch (error) {
      const given = memberId === "" ? idGivenIn(error) : null;
      if (given === null) throw error;
      return await this.join(given, metadata);
    }
  }

  /** The own assignment; the leader brings everybody's. */
  async sync(
    { generation, memberId }: Joined,
    assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[],
  ): Promise<Buffer> {
    const { assignment } = await syncGroupV5.api.async(
      await this.#connect(this.#patientPool),
      this.group,
      generation,
      memberId,
      null,
      PROTOCOL_TYPE,
      PROTOCOL,
      [...assignments],
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

  async #connect(pool = this.#pool): Promise<Connection> {
    this.#coordinator ??= await this.#find();
    return await pool.get(this.#coordinator);
  }

  async #find(): Promise<Broker> {
    const answer = await this.#pool.ask((connection) =>
      findCoordinatorV6.api.async(connection, GROUP_KEY, [this.group]),
    );
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
