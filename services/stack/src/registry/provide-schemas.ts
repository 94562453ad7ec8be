import { isRegistryError } from "@amc/platform/registry/errors";
import { RegistryClient } from "@amc/platform/registry/registry-client";
import { COMPATIBILITY, registerReleases } from "@amc/platform/registry/releases";
import { TOPIC_NAMES } from "@amc/schemas/topics";
import { StackError } from "../errors.ts";

/** The first registrations after a start wait for a virtual machine that is still warming up. */
const ANSWER_MS = 30_000;

/**
 * Every released version of every topic, in order, each checked by the registry against the others;
 * says in words what is there.
 *
 * @throws StackError `stack.registry-refused`, `stack.not-ready`
 */
export async function provideSchemas(url: string, ca: string | undefined): Promise<string> {
  try {
    await registerReleases(new RegistryClient({ url, ca, deadlineMs: ANSWER_MS }));
  } catch (error) {
    if (!isRegistryError(error)) throw error;
    const isAway = error.code === "registry.unavailable";
    throw new StackError(
      isAway ? "stack.not-ready" : "stack.registry-refused",
      error.message,
      { part: "registry", reason: error.code, ...error.facts },
      { cause: error },
    );
  }
  return `${TOPIC_NAMES.length} subjects, ${COMPATIBILITY}`;
}
