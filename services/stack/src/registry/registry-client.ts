import { StackError } from "../errors.ts";

/** Under which the registry answers as Confluent's does. */
export const CONFLUENT_API = "/apis/ccompat/v7";

const ANSWER_MS = 5_000;
const CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";

/** Whether a registry answers a real request at this address. */
export async function registryAnswers(url: string): Promise<boolean> {
  const response = await ask(url, "/subjects", "GET");
  await response.body?.cancel();
  return response.ok;
}

/** The compatibility rule of one subject; null while it has none of its own. */
export async function readCompatibility(url: string, subject: string): Promise<string | null> {
  const response = await ask(url, `/config/${encodeURIComponent(subject)}`, "GET");
  if (response.status === 404) {
    await response.body?.cancel();
    return null;
  }
  const answer = await answerOf(response, url);
  if (typeof answer !== "object" || answer === null) return null;
  if (!("compatibilityLevel" in answer)) return null;
  return String(answer.compatibilityLevel);
}

export async function setCompatibility(url: string, subject: string, rule: string): Promise<void> {
  const path = `/config/${encodeURIComponent(subject)}`;
  await answerOf(await ask(url, path, "PUT", { compatibility: rule }), url);
}

/** Registers a version; the same text again is the same version. Returns its id. */
export async function registerSchema(
  url: string,
  subject: string,
  schema: string,
): Promise<number> {
  const path = `/subjects/${encodeURIComponent(subject)}/versions`;
  const answer = await answerOf(await ask(url, path, "POST", { schema, schemaType: "AVRO" }), url);
  if (typeof answer === "object" && answer !== null && "id" in answer) return Number(answer.id);
  throw new StackError("stack.registry-refused", `the registry named no id for ${subject}`, {
    url,
    subject,
  });
}

function ask(url: string, path: string, method: string, body?: unknown): Promise<Response> {
  return fetch(`${url.replace(/\/+$/, "")}${path}`, {
    method,
    signal: AbortSignal.timeout(ANSWER_MS),
    headers: { accept: CONTENT_TYPE, "content-type": CONTENT_TYPE },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function answerOf(response: Response, url: string): Promise<unknown> {
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  throw new StackError(
    "stack.registry-refused",
    `the registry refused ${response.url}: HTTP ${response.status} ${text.slice(0, 500)}`,
    { url, status: response.status },
  );
}
