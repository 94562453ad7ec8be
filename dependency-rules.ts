import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { IConfiguration } from "dependency-cruiser";

/**
 * The direction of imports, for dependency-cruiser: schemas <- streams <- services. A test plants a
 * violation of every rule below and expects it to be named: scripts/check-rules.int.test.ts.
 */

/** Tests and what only they use: they may look at everything. */
const TEST_SUPPORT = "[.]test[.]ts$|/testing/|/testing[.]ts$|/contract/|[.]contract[.]ts$";

/**
 * What each folder of `streams` may import besides itself and `schemas`. Stages meet at topics:
 * a stage that wants another stage's result reads its event. Listed are shared vocabularies only:
 * slots (which instants fire), the universe (which symbols they ask), the identity of runs and who comes first in one, FINRA's
 * calendar, what of it is decided by hand and the rules for short interest, what FINRA's jobs are for, the identity of their runs, labels and, because a verdict
 * gates and scores one evaluation in one step, gates with
 * scoring over the detectors' names and score components. What is said of figures to a model is said in
 * names from the tables of gates, jobs and strategies, and in no others. Features read the operators' settings with
 * the same code as verdicts do: a session that is switched off must fire for neither.
 */
const STREAM_FOLDERS: Readonly<Record<string, readonly string[]>> = {
  kernel: ["market"],
  market: [],
  facts: ["kernel", "market"],
  "short-interest": ["kernel", "market"],
  discovery: ["kernel", "market", "scoring/labels", "experiments/result"],
  features: [
    "kernel",
    "market",
    "short-interest",
    "discovery/slots",
    "scoring/config",
    "scoring/settings",
    "universe",
  ],
  detectors: ["kernel", "market", "universe"],
  gates: [
    "kernel",
    "market",
    "discovery/slots",
    "discovery/rank",
    "discovery/run-id",
    "detectors",
    "scoring",
    "experiments",
    "universe",
  ],
  scoring: [
    "kernel",
    "market",
    "discovery/slots",
    "detectors",
    "gates",
    "experiments/setting-name",
    "short-interest/rules",
    "short-interest/schedule-override",
    "universe",
  ],
  universe: ["facts/symbol"],
  alerts: ["kernel", "market", "short-interest/rules"],
  portfolio: ["kernel", "market"],
  projections: [
    "kernel",
    "market",
    "discovery/run-id",
    "short-interest/finra-calendar",
    "short-interest/schedule-override",
    "experiments/plan",
    "experiments/setting-name",
    "jobs/run-id",
    "jobs/short-interest-jobs",
  ],
  experiments: ["kernel", "market", "scoring/strategies/strategy"],
  jobs: ["kernel", "market"],
  insight: [
    "kernel",
    "market",
    "gates/hard-gates",
    "jobs/hour-metrics",
    "jobs/job-table",
    "scoring/strategies/strategy",
  ],
  news: [],
};

/** Services that may import other services; every service may import `platform`. */
const SERVICE_IMPORTS: Readonly<Record<string, readonly string[]>> = {
  amc: [
    "alert-sender",
    "ingest-news",
    "ingest-options",
    "ingest-portfolio",
    "ingest-prices",
    "ingest-recordings",
    "ingest-short-interest",
    "mock-providers",
    "platform",
    "processor",
    "projector",
    "query-api",
    "replay",
    "scheduler",
  ],
};

/** External packages that may be imported in one place only, so that they can be replaced there. */
const CONFINED_PACKAGES = [
  { name: "avsc", packages: "avsc", allowed: "^schemas/" },
  {
    name: "pg",
    packages: "pg|@types/pg|node-pg-migrate",
    allowed:
      "^services/platform/src/postgres/|^services/(amc|projector|query-api)/|^services/stack/src/postgres/",
  },
  {
    name: "kafka-client",
    packages: "@platformatic/kafka",
    allowed: "^services/platform/src/(log|assignment)/kafka/|^services/stack/src/kafka/",
  },
  {
    name: "kafkajs",
    packages: "kafkajs",
    allowed: "^services/platform/src/log/(kafka/kafkajs|testing)/",
  },
  { name: "ioredis", packages: "ioredis", allowed: "^services/platform/src/cache/" },
  { name: "calls-out", packages: "undici|cockatiel", allowed: "^services/platform/src/http/" },
  {
    name: "fastify",
    packages: "fastify|@fastify/[^/]+",
    allowed: "^services/query-api/|^services/amc/src/bench/workloads/api.ts$",
  },
  {
    name: "prom-client",
    packages: "prom-client",
    allowed: "^services/(platform|query-api)/src/metrics/",
  },
  {
    name: "xml",
    packages: "@rgrove/parse-xml",
    allowed: "^services/ingest-news/src/providers/rss/",
  },
  { name: "recording-readers", packages: "yauzl", allowed: "^services/ingest-recordings/" },
  // A second reader, against which tests hold ours.
  { name: "csv-parse", packages: "csv-parse", allowed: "^services/platform/src/text/" },
  // Of tests, and one program of theirs: whatever ships starts containers by docker compose.
  { name: "testcontainers", packages: "testcontainers", allowed: "^services/stack/src/testing/" },
];

const readManifest = (folder: string): { name: string; dependencies?: object } =>
  JSON.parse(readFileSync(join(import.meta.dirname, folder, "package.json"), "utf8"));

/** Workspaces by package name. */
const folderOf = new Map(
  globSync("{schemas,streams,services/*}/package.json", { cwd: import.meta.dirname })
    .map(dirname)
    .map((folder): [string, string] => [readManifest(folder).name, folder]),
);

const streamFolderRules = Object.entries(STREAM_FOLDERS).map(([folder, allowed]) => ({
  name: `streams-${folder}-imports-only-its-vocabularies`,
  comment: `streams/${folder} may import schemas and streams/{${[folder, ...allowed].join(",")}}`,
  severity: "error" as const,
  from: { path: `^streams/${folder}/`, pathNot: TEST_SUPPORT },
  to: { path: "^streams/", pathNot: [folder, ...allowed].map((name) => `^streams/${name}[/.]`) },
}));

const serviceRules = [
  {
    name: "services-import-only-platform",
    comment: "services meet at topics and tables; only platform is shared",
    severity: "error" as const,
    from: {
      path: "^services/([^/]+)/",
      pathNot: [TEST_SUPPORT, ...Object.keys(SERVICE_IMPORTS).map((name) => `^services/${name}/`)],
    },
    to: { path: "^services/", pathNot: "^services/($1|platform)/" },
  },
  ...Object.entries(SERVICE_IMPORTS).map(([service, allowed]) => ({
    name: `services-${service}-imports-only-its-parts`,
    severity: "error" as const,
    from: { path: `^services/${service}/`, pathNot: TEST_SUPPORT },
    to: { path: "^services/", pathNot: [service, ...allowed].map((name) => `^services/${name}/`) },
  })),
];

const confinementRules = CONFINED_PACKAGES.map(({ name, packages, allowed }) => ({
  name: `confined-package-${name}`,
  comment: `${packages}: only under ${allowed}`,
  severity: "error" as const,
  from: { path: "^(schemas|streams|services)/", pathNot: [TEST_SUPPORT, allowed] },
  to: { path: `node_modules/(${packages})/` },
}));

// npm links every workspace into node_modules, so an import of one that is not listed still resolves.
const declaredWorkspaceRules = [...folderOf].map(([name, folder]) => {
  const { dependencies = {} } = readManifest(folder);
  const listed = [...folderOf].filter(([other]) => other === name || other in dependencies);
  return {
    name: "no-undeclared-workspace",
    comment: `${folder}/package.json must list the workspaces that ${folder} imports`,
    severity: "error" as const,
    from: { path: `^${folder}/`, pathNot: TEST_SUPPORT },
    to: {
      path: "^(schemas|streams|services)/",
      pathNot: listed.map(([, other]) => `^${other}/`),
    },
  };
});

const configuration = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "type imports count: a cycle of types is still two files that cannot be read alone",
      severity: "error" as const,
      from: {},
      to: { circular: true },
    },
    {
      name: "schemas-know-nothing",
      severity: "error" as const,
      from: { path: "^schemas/" },
      to: { path: "^(streams|services|scripts|infra)/" },
    },
    {
      name: "streams-know-no-services",
      severity: "error" as const,
      from: { path: "^streams/" },
      to: { path: "^(services|scripts|infra)/" },
    },
    {
      name: "services-know-no-scripts",
      severity: "error" as const,
      from: { path: "^services/", pathNot: TEST_SUPPORT },
      to: { path: "^(scripts|infra)/" },
    },
    {
      name: "streams-do-no-io",
      comment: "no Node built-in and no npm package: a stage is a function of its events",
      severity: "error" as const,
      from: { path: "^streams/", pathNot: TEST_SUPPORT },
      to: { dependencyTypes: ["core", "npm", "npm-dev", "npm-optional", "npm-peer"] },
    },
    {
      name: "detectors-do-not-import-each-other",
      severity: "error" as const,
      from: { path: "^streams/detectors/([^/]+)/", pathNot: TEST_SUPPORT },
      to: { path: "^streams/detectors/[^/]+/", pathNot: "^streams/detectors/$1/" },
    },
    {
      name: "platform-knows-no-stage",
      // Jobs are no stages: their worker goes by the table that says when and how often each is tried.
      comment: "the runtime runs any stage; of streams it knows the kernel and the table of jobs",
      severity: "error" as const,
      from: { path: "^services/platform/", pathNot: TEST_SUPPORT },
      to: { path: "^streams/", pathNot: "^streams/(kernel|jobs)/" },
    },
    {
      name: "testing-only-in-tests",
      severity: "error" as const,
      from: { path: "^(schemas/src|streams|services/[^/]+/src)/", pathNot: TEST_SUPPORT },
      to: { path: "/testing/|/testing[.]ts$|/contract/|[.](test|contract)[.]ts$" },
    },
    {
      name: "no-unresolvable-import",
      severity: "error" as const,
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-undeclared-package",
      comment: "the package.json of the importing workspace must list what it imports",
      severity: "error" as const,
      from: { path: "^(schemas/src|streams|services/[^/]+/src)/", pathNot: TEST_SUPPORT },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    ...streamFolderRules,
    ...serviceRules,
    ...confinementRules,
    ...declaredWorkspaceRules,
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/generated/.*[.]json$" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    skipAnalysisNotInRules: false,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default"],
      extensions: [".ts", ".mjs", ".js", ".json"],
    },
  },
} satisfies IConfiguration;

export default configuration;
