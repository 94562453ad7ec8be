import { loadProcessConfig } from "@amc/platform/config/load-config";
import { isRegistryError } from "@amc/platform/registry/errors";
import { RegistryClient } from "@amc/platform/registry/registry-client";
import {
  COMPATIBILITY,
  incompatibleReleases,
  registerReleases,
  releasedSchemas,
  subjectOf,
} from "@amc/platform/registry/releases";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { Printer } from "../output/printer.ts";

export const SCHEMAS_REGISTER: CommandSpec = {
  name: "schemas register",
  summary: "Registers every released schema at SCHEMA_REGISTRY_URL, before a deployment",
  examples: [
    "SCHEMA_REGISTRY_URL=http://127.0.0.1:8081/apis/ccompat/v7 npm run amc -- schemas register",
    "npm run --silent amc -- schemas register --check --json",
  ],
  options: {
    check: { type: "boolean", doc: "register nothing, only ask whether all would be taken" },
    json: { type: "boolean", doc: "one JSON object per line on stdout" },
  },
  run,
};

async function run(words: CommandWords): Promise<number> {
  const { SCHEMA_REGISTRY_URL: url, AMC_TLS_CA: ca } = loadProcessConfig();
  if (url === undefined) throw new CommandError(EXIT.config, "SCHEMA_REGISTRY_URL is not set");
  const client = new RegistryClient({ url, ca });
  const printer = new Printer(words.flag("json"));
  try {
    return words.flag("check") ? await check(client, printer) : await register(client, printer);
  } catch (error) {
    if (!isRegistryError(error)) throw error;
    const isAway = error.code === "registry.unavailable";
    throw new CommandError(
      isAway ? EXIT.unavailable : EXIT.failed,
      `${error.message} [${error.code}] ${JSON.stringify(error.facts)}`,
      { cause: error },
    );
  }
}

async function register(client: RegistryClient, printer: Printer): Promise<number> {
  const pairs = await registerReleases(client);
  const ids = new Map(pairs.map(({ local, registry }) => [local, registry]));
  for (const { id, topic, version } of releasedSchemas()) {
    const line = { type: "schema", subject: subjectOf(topic), version, id: ids.get(id) ?? null };
    printer.line(line, `${String(line.id).padStart(6)}  ${line.subject} version ${version}`);
  }
  printer.note(`${pairs.length} schemas are registered under ${COMPATIBILITY}.`);
  return EXIT.ok;
}

async function check(client: RegistryClient, printer: Printer): Promise<number> {
  const refused = await incompatibleReleases(client);
  for (const { topic, version } of refused) {
    const line = { type: "incompatible", subject: subjectOf(topic), version };
    printer.line(line, `${line.subject} version ${version} would be refused`);
  }
  printer.note(
    refused.length === 0 ? "Every release would be taken." : `${refused.length} would be refused.`,
  );
  return refused.length === 0 ? EXIT.ok : EXIT.failed;
}
