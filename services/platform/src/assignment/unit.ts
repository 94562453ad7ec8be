/** A piece of work that one process does at a time: a group of consumers and one of its partitions. */
export interface Unit {
  readonly group: string;
  readonly partition: number;
}

/** How a unit is called in maps, logs and metrics, such as `signals/3`. */
export function unitName({ group, partition }: Unit): string {
  return `${group}/${partition}`;
}

/** One unit per partition of each group. */
export function unitsOf(group: string, partitions: number): Unit[] {
  return Array.from({ length: partitions }, (_, partition) => ({ group, partition }));
}
