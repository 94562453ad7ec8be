import { existsSync, readdirSync } from "node:fs";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import type { Variables } from "@amc/platform/config/variables";
import { kafkaConnection } from "@amc/platform/log/kafka/connection";
import { registeredIds } from "@amc/platform/registry/registered-ids";
import { RegistryClient } from "@amc/platform/registry/registry-client";
import { disorderly } from "@amc/replay/disorderly-market";
import { kafkaWays } from "@amc/replay/kafka-ways";
import { replayTopology } from "@amc/replay/replay-topologies";
import { simulatedMarket } from "@amc/replay/simulated-market";
import type { FactSlice } from "@amc/replay/slices";
import { type VariantResult, verifyDeterminism } from "@amc/replay/verify";
import type { Way } from "@amc/replay/verify-ways";
import type { Subtopology } from "@amc/streams/kernel/stage";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { openReadModels, type ReadModels } from "../operations/verify/read-models.ts";
import { formatDuration } from "../output/format.ts";
import { Printer } from "../output/printer.ts";
import {
  loadRecordingSlices,
  openRecording,
  RECORDINGS_DIRECTORY,
  type Recording,
} from "../recordings.ts";
import { configuredScoring } from "../scoring-options.ts";

/** The simulated market that is verified beside the recordings: design.md §11.1 asks for 200. */
const SIMULATED = { symbols: 200, warmupSessions: 105, sessions: 1, minutes: 60, seed: 20250721 };

export const VERIFY: CommandSpec = {
  name: "verify",
  summary: "Shows that the same facts give the same bytes, however they are processed",
  examples: [
    "npm run amc -- verify",
    "npm run --silent amc -- verify --recording gme-2021 --json",
    "npm run amc -- verify --simulated-only",
    "npm run amc -- verify --kafka --recording gme-2021 --json",
  ],
  options: {
    recording: { type: "string", value: "<manifest>", doc: "only this recording; all by default" },
    data: { type: "string", value: "<dir>", doc: "root of the recordings; AMC_DATA by default" },
    kafka: { type: "boolean", doc: "also through the Kafka cluster of KAFKA_BROKERS" },
    "simulated-only": { type: "boolean", doc: "only the simulated market; needs no data" },
    json: { type: "boolean", doc: "one JSON object per line on stdout" },
  },
  run: verify,
};

interface Subject {
  readonly name: string;
  readonly simulated: boolean;
  load(): Promise<readonly FactSlice[]>;
}

async function verify(words: CommandWords): Promise<number> {
  const variables = loadProcessConfig();
  const data = words.text("data") ?? variables.AMC_DATA;
  const topology = replayTopology(configuredScoring(variables));
  const moreWays = await waysBeside(words, variables, topology);
  // Tables belong to the ways of many processes; without those no server is started.
  const readModels = moreWays.length === 0 ? null : await openReadModels();
  try {
    return await verifyAll(words, { data, topology, moreWays, readModels });
  } finally {
    await readModels?.close();
  }
}

interface Verification {
  readonly data: string;
  readonly topology: readonly Subtopology[];
  readonly moreWays: readonly Way[];
  readonly readModels: ReadModels | null;
}

async function verifyAll(
  words: CommandWords,
  { data, topology, moreWays, readModels }: Verification,
): Promise<number> {
  const printer = new Printer(words.flag("json"));
  const { node, icu, tz, unicode } = process.versions;
  const environment = { node, icu: icu ?? null, tz: tz ?? null, unicode: unicode ?? null };
  printer.note(`Node ${node}, ICU ${icu}, time zones ${tz}`);
  let allOk = true;
  for (const subject of await subjectsOf(words, data)) {
    const facts = await subject.load();
    const count = facts.reduce((sum, slice) => sum + slice.facts.length, 0);
    printer.line(null, `${subject.name}: ${count} facts in ${facts.length} slices`);
    const result = await verifyDeterminism(facts, topology, {
      moreWays,
      ...(readModels === null ? {} : { tablesOf: readModels.digestsOf }),
      onVariant: (way) => printer.line(null, wayText(way)),
    });
    allOk &&= result.ok;
    const { ok, digests, records, variants } = result;
    const { name: recording, simulated } = subject;
    printer.line(
      {
        type: "verify",
        ok,
        recording,
        simulated,
        facts: count,
        digests,
        records,
        variants,
        environment,
      },
      null,
    );
  }
  printer.line(null, allOk ? "All digests are equal." : "Digests differ: see above.");
  return allOk ? EXIT.ok : EXIT.failed;
}

function wayText({ name, ok, elapsedMs, readModel, differences }: VariantResult): string {
  const tables = readModel && `, ${Object.keys(readModel.tables).length} tables too`;
  const line = `  ${ok ? "equal " : "DIFFERS"} ${name.padEnd(42)} ${formatDuration(elapsedMs)}${tables ?? ""}`;
  return [line, ...differences.map((difference) => `    ${difference}`)].join("\n");
}

/** Through Kafka, when that is asked for; with the ids of SCHEMA_REGISTRY_URL, when there is one. */
async function waysBeside(
  words: CommandWords,
  variables: Variables,
  topology: readonly Subtopology[],
): Promise<readonly Way[]> {
  if (!words.flag("kafka")) return [];
  const connection = kafkaConnection(variables, "amc-verify");
  if (connection === null) {
    throw new CommandError(
      EXIT.config,
      "--kafka needs KAFKA_BROKERS: npm run stack -- up starts a broker and says its address",
    );
  }
  const { SCHEMA_REGISTRY_URL: url, AMC_TLS_CA: ca } = variables;
  const wireIds = url === undefined ? null : await registeredIds(new RegistryClient({ url, ca }));
  return kafkaWays({ connection, topology, wireIds });
}

async function subjectsOf(words: CommandWords, data: string): Promise<Subject[]> {
  const simulated: Subject = {
    name: `${SIMULATED.symbols} simulated symbols`,
    simulated: true,
    load: async () => [...simulatedMarket(SIMULATED)],
  };
  const disorder: Subject = {
    name: `${SIMULATED.symbols} simulated symbols on a disorderly day`,
    simulated: true,
    load: async () => disorderly([...simulatedMarket(SIMULATED)], SIMULATED.seed),
  };
  if (words.flag("simulated-only")) return [simulated, disorder];
  const named = words.text("recording");
  if (named !== undefined) return [subjectOf(named, await openRecording(named, data))];
  const subjects = [simulated, disorder];
  for (const file of readdirSync(RECORDINGS_DIRECTORY).sort()) {
    if (!file.endsWith(".json") || file === "manifest.schema.json") continue;
    const recording = await openRecording(file, data);
    if (recording.manifest.root === "data" && !existsSync(data)) {
      throw new CommandError(
        EXIT.noInput,
        `${file} needs recorded data and ${data} does not exist: give --data <dir>, or --simulated-only`,
      );
    }
    subjects.push(subjectOf(file.replace(/\.json$/, ""), recording));
  }
  return subjects;
}

function subjectOf(name: string, recording: Recording): Subject {
  return {
    name,
    simulated: recording.manifest.simulated,
    load: () => loadRecordingSlices(recording),
  };
}
