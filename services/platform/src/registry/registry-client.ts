import { RegistryError, type RegistryErrorCode } from "./errors.ts";
import { type RegistryAnswer, RegistryHttp, type RegistryHttpOptions } from "./registry-http.ts";

export interface SubjectVersion {
  readonly subject: string;
  readonly version: number;
}

/** Codes of the Confluent API (docs.confluent.io, Schema Registry API reference). */
const SUBJECT_UNKNOWN = 40401;
const VERSION_UNKNOWN = 40402;
const SCHEMA_UNKNOWN = 40403;
const CONFIG_UNKNOWN = 40408;
const INCOMPATIBLE: ReadonlySet<number> = new Set([409, 40901]);
const INVALID: ReadonlySet<number> = new Set([422, 42201]);

/**
 * The part of the Confluent Schema Registry API that this system needs. Besides what is said of each
 * call, all throw `registry.unavailable` and `registry.refused`.
 */
export class RegistryClient {
  readonly #http: RegistryHttp;

  constructor(options: RegistryHttpOptions) {
    this.#http = new RegistryHttp(options);
  }

  /** Every subject; asked for to see whether a registry answers. */
  async subjects(): Promise<readonly string[]> {
    const path = "/subjects";
    const answer = await this.#http.call("GET", path);
    if (!answer.ok) throw refusal(answer, {});
    if (!Array.isArray(answer.json)) throw strange(path);
    return answer.json.map(String);
  }

  /**
   * Id of a schema under a subject, registered as its next version if it is not there yet. Throws
   * `registry.incompatible` and `registry.invalid-schema`.
   */
  async register(subject: string, schema: string): Promise<number> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    const answer = await this.#http.call("POST", path, { schema, schemaType: "AVRO" });
    if (answer.ok) return numberIn(answer.json, "id", path);
    throw refusal(answer, { subject });
  }

  /** Id of a schema under a subject; null when it is not registered there, as this very text. */
  async lookUp(subject: string, schema: string): Promise<number | null> {
    const path = `/subjects/${encodeURIComponent(subject)}`;
    const answer = await this.#http.call("POST", path, { schema, schemaType: "AVRO" });
    if (answer.ok) return numberIn(answer.json, "id", path);
    if ([SUBJECT_UNKNOWN, SCHEMA_UNKNOWN].includes(answer.errorCode)) return null;
    throw refusal(answer, { subject });
  }

  /** The schema of an id; null when the registry has none. */
  async schemaOf(id: number): Promise<string | null> {
    const path = `/schemas/ids/${id}`;
    const answer = await this.#http.call("GET", path);
    if (answer.ok) return textIn(answer.json, "schema", path);
    if (answer.errorCode === SCHEMA_UNKNOWN) return null;
    throw refusal(answer, { id });
  }

  /** Where an id is registered; null when the registry has no schema of this id. */
  async versionsOf(id: number): Promise<readonly SubjectVersion[] | null> {
    const path = `/schemas/ids/${id}/versions`;
    const answer = await this.#http.call("GET", path);
    if (!answer.ok) {
      if (answer.errorCode === SCHEMA_UNKNOWN) return null;
      throw refusal(answer, { id });
    }
    if (!Array.isArray(answer.json)) throw strange(path);
    return answer.json.map((row: unknown) => ({
      subject: textIn(row, "subject", path),
      version: numberIn(row, "version", path),
    }));
  }

  /** The rule of a subject itself; null while it has none of its own. */
  async compatibilityOf(subject: string): Promise<string | null> {
    const path = `/config/${encodeURIComponent(subject)}`;
    const answer = await this.#http.call("GET", path);
    if (answer.ok) return textIn(answer.json, "compatibilityLevel", path);
    if ([SUBJECT_UNKNOWN, CONFIG_UNKNOWN].includes(answer.errorCode)) return null;
    throw refusal(answer, { subject });
  }

  async setCompatibility(subject: string, rule: string): Promise<void> {
    const path = `/config/${encodeURIComponent(subject)}`;
    const answer = await this.#http.call("PUT", path, { compatibility: rule });
    if (!answer.ok) throw refusal(answer, { subject });
  }

  /**
   * Whether the registry would take a schema as the next version; it changes nothing. A subject that
   * does not exist yet takes any. Throws `registry.invalid-schema`.
   */
  async isCompatible(subject: string, schema: string): Promise<boolean> {
    const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions`;
    const answer = await this.#http.call("POST", path, { schema, schemaType: "AVRO" });
    if (answer.ok) return booleanIn(answer.json, "is_compatible", path);
    if ([SUBJECT_UNKNOWN, VERSION_UNKNOWN].includes(answer.errorCode)) return true;
    throw refusal(answer, { subject });
  }
}

type Refusal = Extract<RegistryAnswer, { readonly ok: false }>;

function refusal(
  { errorCode, message }: Refusal,
  about: { readonly subject?: string; readonly id?: number },
): RegistryError {
  const facts = { ...about, errorCode };
  return new RegistryError(codeOf(errorCode), `the registry says no: ${message}`, facts);
}

function codeOf(errorCode: number): RegistryErrorCode {
  if (INCOMPATIBLE.has(errorCode)) return "registry.incompatible";
  if (INVALID.has(errorCode)) return "registry.invalid-schema";
  return "registry.refused";
}

/** JSON of another shape does not come from a registry: nothing is known, so it counts as away. */
function strange(path: string): RegistryError {
  const message = `the schema registry answers ${path} with something else`;
  return new RegistryError("registry.unavailable", message, { path, reason: "no-registry-answer" });
}

function member(json: unknown, name: string): unknown {
  return typeof json === "object" && json !== null ? Reflect.get(json, name) : undefined;
}

function numberIn(json: unknown, name: string, path: string): number {
  const value = member(json, name);
  if (typeof value === "number" && Number.isInteger(value)) return value;
  throw strange(path);
}

function textIn(json: unknown, name: string, path: string): string {
  const value = member(json, name);
  if (typeof value === "string") return value;
  throw strange(path);
}

function booleanIn(json: unknown, name: string, path: string): boolean {
  const value = member(json, name);
  if (typeof value === "boolean") return value;
  throw strange(path);
}
