import { isLogError } from "@amc/platform/log/errors";
import { CommandError, EXIT } from "../exit-codes.ts";

/** Topics that are missing or others than we think are for a person to mend. */
export async function withTopicAdvice<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isLogError(error, "log.unknown-topic") && !isLogError(error, "log.format")) throw error;
    const advice =
      "npm run stack -- up creates what is missing; AMC_PARTITIONS and KAFKA_TOPIC_PREFIX have to be those of the topics";
    throw new CommandError(EXIT.unavailable, `${error.message} [${error.code}]: ${advice}`, {
      cause: error,
    });
  }
}
