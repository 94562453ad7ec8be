import type { ReadModel } from "./port.ts";

/** The same read model; every question goes through `guard`. */
export function guardedReadModel(
  readModel: ReadModel,
  guard: <Answer>(ask: () => Promise<Answer>) => Promise<Answer>,
): ReadModel {
  return {
    read: (reads) => guard(() => readModel.read(reads)),
    readOnce: (reads) => guard(() => readModel.readOnce(reads)),
    state: () => guard(() => readModel.state()),
    missingMigrations: () => guard(() => readModel.missingMigrations()),
    ping: () => guard(() => readModel.ping()),
  };
}
