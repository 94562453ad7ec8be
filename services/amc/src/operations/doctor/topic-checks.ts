import type { Variables } from "@amc/platform/config/variables";
import { kafkaConnection } from "@amc/platform/log/kafka/connection";
import { topicDrift } from "../topic-drift.ts";
import { type Check, fail, ok, reasonOf, warn } from "./check.ts";

/** Whether the topics of the configured cluster are those of the topic table. None without one. */
export async function topicChecks(variables: Variables): Promise<Check[]> {
  const connection = kafkaConnection(variables, "amc-doctor");
  if (connection === null) return [];
  try {
    const { absent, differing, shown, mends } = await topicDrift(connection, variables);
    const wrong = absent + differing;
    if (wrong === 0) return [ok("topics", "as the topic table says")];
    const more = wrong > shown.length ? `; and ${wrong - shown.length} more` : "";
    return [fail("topics", `${shown.join("; ")}${more}`, mends.join("; "))];
  } catch (error) {
    return [warn("topics", `not known: ${reasonOf(error)}`, "npm run stack -- status")];
  }
}
