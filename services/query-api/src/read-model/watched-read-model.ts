import type { OutageWatch } from "@amc/platform/postgres/outage-watch";
import { guardedReadModel } from "./guarded-read-model.ts";
import type { ReadModel } from "./port.ts";

/** The same read model; `watch` learns from every answer whether the database serves. */
export function watchedReadModel(readModel: ReadModel, watch: OutageWatch): ReadModel {
  return guardedReadModel(readModel, async (ask) => {
    try {
      const answer = await ask();
      watch.answered();
      return answer;
    } catch (error) {
      watch.failed(error);
      throw error;
    }
  });
}
