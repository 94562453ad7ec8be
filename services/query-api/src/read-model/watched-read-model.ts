import type { OutageWatch } from "@amc/platform/postgres/outage-watch";
import type { ReadModel } from "./port.ts";

/** The same read model; `watch` learns from every answer whether the database serves. */
export function watchedReadModel(readModel: ReadModel, watch: OutageWatch): ReadModel {
  async function watched<Answer>(asked: Promise<Answer>): Promise<Answer> {
    try {
      const answer = await asked;
      watch.answered();
      return answer;
    } catch (error) {
      watch.failed(error);
      throw error;
    }
  }
  return {
    read: (reads) => watched(readModel.read(reads)),
    ping: () => watched(readModel.ping()),
  };
}
