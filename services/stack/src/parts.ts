/** The servers of the stack, in the order in which people read them. */
export const PART_NAMES = ["kafka", "registry", "postgres", "redis"] as const;

export type PartName = (typeof PART_NAMES)[number];

/** What a person calls it. */
export const PART_TITLES: Readonly<Record<PartName, string>> = {
  kafka: "Kafka",
  registry: "schema registry",
  postgres: "PostgreSQL",
  redis: "Redis",
};

/** The variable through which every process of the system learns where the part is. */
export const PART_VARIABLES = {
  kafka: "KAFKA_BROKERS",
  registry: "SCHEMA_REGISTRY_URL",
  postgres: "DATABASE_URL",
  redis: "REDIS_URL",
} as const satisfies Record<PartName, string>;

/**
 * `started` just now; `running` since an earlier `up`; `given` by its variable, and it answers;
 * `stopped`; `missing` cannot be started on this machine until something is installed; `failed`.
 */
export type PartState = "started" | "running" | "given" | "stopped" | "missing" | "failed";

/** How one part stands, for people and for scripts. */
export interface PartReport {
  readonly part: PartName;
  readonly state: PartState;
  /** What its variable has to hold; null while it does not run. */
  readonly address: string | null;
  /** Version and place, or what is wrong and what mends it. */
  readonly detail: string;
  readonly pids: readonly number[];
  /** Stable code of what went wrong. */
  readonly code?: string;
}

export function isPartName(name: string): name is PartName {
  return PART_NAMES.some((part) => part === name);
}
