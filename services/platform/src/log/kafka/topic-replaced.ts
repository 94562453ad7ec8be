import { LogError, type LogErrorFacts } from "../errors.ts";

/**
 * The topic was deleted and created anew, so that every offset we know of it means another record,
 * or none. Nothing is guessed: whoever did it knows whether to restore the topic or to begin anew.
 */
export function topicReplaced(topic: string, facts: LogErrorFacts): LogError {
  return new LogError(
    "log.topic-replaced",
    `${topic} was deleted and created anew: positions in it are worth nothing; restore it, or begin with new topics throughout`,
    { topic, ...facts },
  );
}
