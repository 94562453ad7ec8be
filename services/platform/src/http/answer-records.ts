import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { encodeEvent } from "@amc/schemas/codec";
import type { ProviderAnswer } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";
import type { Append } from "../log/port.ts";
import { secretsOf, withoutSecrets } from "./asked-secrets.ts";
import type { AskedParameters, HeardAnswer } from "./heard-answer.ts";

export const ANSWER_TOPIC = "ops.provider-answer.v1";
/** How a body is kept: text, because the codec has no bytes, and readable by any consumer's standard library. */
export const BODY_ENCODING = "gzip+base64";
/** Of a body in one record; what else is in it takes some 20 kB of the 256 KiB at most. */
const PART_CHARACTERS = 240_000;
/** 2.8 MB compressed: a page of 50,000 bars of Polygon takes a half of it. */
const PARTS_MAX = 16;
/** Of all names and values together; a longer one, such as a list of thousands of companies, is left out. */
const PARAMETER_CHARACTERS_MAX = 12_000;

const compress = promisify(gzip);

/** An answer as records that go into the log together, the body whole or not at all, and without its secrets. */
export async function answerRecords(
  heard: HeardAnswer,
  secrets: readonly string[],
  source: string,
): Promise<{ readonly appends: readonly Append[]; readonly isWhole: boolean }> {
  const { call, callId } = heard;
  const known = [...secrets, ...secretsOf(call.provider, heard.request)];
  const kept = await keptBody(heard.body, known);
  const head = headOf(heard, known);
  const { parts, ...body } = kept;
  const appends = parts.map((text, index) => {
    const part = { body: text, part: index + 1, parts: parts.length };
    const value: ProviderAnswer = { ...head, ...body, ...part };
    return {
      topic: ANSWER_TOPIC,
      key: call.provider,
      value: encodeEvent(ANSWER_TOPIC, value),
      headers: eventHeaders({
        id: uuidOf(`provider-answer/${callId}/${index + 1}`),
        source,
        topic: ANSWER_TOPIC,
        happenedAt: call.happenedAt,
      }),
    };
  });
  return { appends, isWhole: kept.missing === null };
}

function headOf(
  { call, callId, answeredAt, status, mediaType, ...asked }: HeardAnswer,
  secrets: readonly string[],
) {
  const { provider, endpoint, happenedAt, attempt, responseMs, errorCode, simulated } = call;
  const plain = (text: string) => withoutSecrets(Buffer.from(text), secrets).body.toString();
  return {
    ...{ provider, endpoint, origin: asked.request.url.origin, happenedAt, answeredAt, responseMs },
    ...{ attempt, callId, httpStatus: status, errorCode, simulated },
    contentType: mediaType === "" ? null : mediaType,
    parameters: statedParameters(asked.parameters).map(([name, value]) => ({
      name,
      value: plain(value),
    })),
  };
}

function statedParameters(parameters: AskedParameters): readonly (readonly [string, string])[] {
  let left = PARAMETER_CHARACTERS_MAX;
  return Object.entries(parameters).filter(([name, value]) => {
    const length = name.length + value.length;
    if (length > left) return false;
    left -= length;
    return true;
  });
}

type KeptBody = Pick<
  ProviderAnswer,
  "sha256" | "bodyBytes" | "redacted" | "encoding" | "missing"
> & {
  readonly parts: readonly (string | null)[];
};

async function keptBody(raw: Buffer | null, secrets: readonly string[]): Promise<KeptBody> {
  if (raw === null) {
    const nothing = { sha256: null, bodyBytes: null, redacted: false, encoding: null };
    return { ...nothing, missing: "incomplete", parts: [null] };
  }
  const { body, redacted } = withoutSecrets(raw, secrets);
  const sha256 = createHash("sha256").update(body).digest("hex");
  const whole = { sha256, bodyBytes: body.length, redacted };
  const text = (await compress(body)).toString("base64");
  const parts = partsOf(text);
  if (parts.length > PARTS_MAX) {
    return { ...whole, encoding: null, missing: "too-large", parts: [null] };
  }
  return { ...whole, encoding: BODY_ENCODING, missing: null, parts };
}

function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  for (let from = 0; from < text.length; from += PART_CHARACTERS) {
    parts.push(text.slice(from, from + PART_CHARACTERS));
  }
  return parts;
}
