// The direction of imports: schemas <- streams <- services. scripts/check-rules.int.test.ts plants a
// violation of every rule below and expects it to be named.

/** Tests and what only they use: they may look at everything. */
const TEST_SUPPORT = "[.]test[.]ts$|/testing/|/contract/|[.]contract[.]ts$";

/**
 * What each folder of `streams` may import besides itself and `schemas`. Stages meet at topics:
 * a stage that wants another stage's result reads its event. Listed are shared vocabularies only:
 * slots (which instants fire) and, because a verdict gates and scores one evaluation in one step,
 * gates with scoring over the detectors' names and score components.
 */
const STREAM_FOLDERS = {
  kernel: ["market"],
  market: [],
  "short-interest": ["kernel", "market"],
  discovery: ["kernel", "market"],
  features: ["kernel", "market", "short-interest", "discovery/slots"],
  detectors: ["kernel", "market"],
  gates: ["kernel", "market", "discovery/slots", "detectors", "scoring"],
  scoring: ["kernel", "market", "discovery/slots", "detectors", "gates"],
  alerts: ["kernel", "market"],
  projections: ["kernel", "market"],
};

/** Services that may import other services; every service may import `platform`. */
const SERVICE_IMPORTS = {
  amc: [
    "alert-sender",
    "ingest-recordings",
    "platform",
    "processor",
    "projector",
    "query-api",
    "replay",
  ],
};

/** External packages that may be imported in one place only, so that they can be replaced there. */
const CONFINED_PACKAGES = [
  { name: "avsc", packages: "avsc", allowed: "^schemas/" },
  {
    name: "pg",
    packages: "pg|@types/pg|node-pg-migrate",
    allowed: "^services/platform/src/postgres/|^services/(projector|query-api)/",
  },
  { name: "fastify", packages: "fastify|@fastify/[^/]+", allowed: "^services/query-api/" },
  {
    name: "recording-readers",
    packages: "yauzl|csv-parse",
    allowed: "^services/ingest-recordings/",
  },
];

const streamFolderRules = Object.entries(STREAM_FOLDERS).map(([folder, allowed]) => ({
  name: `streams-${folder}-imports-only-its-vocabularies`,
  comment: `streams/${folder} may import schemas and streams/{${[folder, ...allowed].join(",")}}`,
  severity: "error",
  from: { path: `^streams/${folder}/`, pathNot: TEST_SUPPORT },
  to: { path: "^streams/", pathNot: [folder, ...allowed].map((name) => `^streams/${name}[/.]`) },
}));

const serviceRules = [
  {
    name: "services-import-only-platform",
    comment: "services meet at topics and tables; only platform is shared",
    severity: "error",
    from: {
      path: "^services/([^/]+)/",
      pathNot: [TEST_SUPPORT, ...Object.keys(SERVICE_IMPORTS).map((name) => `^services/${name}/`)],
    },
    to: { path: "^services/", pathNot: "^services/($1|platform)/" },
  },
  ...Object.entries(SERVICE_IMPORTS).map(([service, allowed]) => ({
    name: `services-${service}-imports-only-its-parts`,
    severity: "error",
    from: { path: `^services/${service}/`, pathNot: TEST_SUPPORT },
    to: { path: "^services/", pathNot: [service, ...allowed].map((name) => `^services/${name}/`) },
  })),
];

const confinementRules = CONFINED_PACKAGES.map(({ name, packages, allowed }) => ({
  name: `confined-package-${name}`,
  comment: `${packages}: only under ${allowed}`,
  severity: "error",
  from: { path: "^(schemas|streams|services)/", pathNot: [TEST_SUPPORT, allowed] },
  to: { path: `node_modules/(${packages})/` },
}));

export default {
  forbidden: [
    {
      name: "no-cycles",
      comment: "type imports count: a cycle of types is still two files that cannot be read alone",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "schemas-know-nothing",
      severity: "error",
      from: { path: "^schemas/" },
      to: { path: "^(streams|services|scripts|infra)/" },
    },
    {
      name: "streams-know-no-services",
      severity: "error",
      from: { path: "^streams/" },
      to: { path: "^(services|scripts|infra)/" },
    },
    {
      name: "services-know-no-scripts",
      severity: "error",
      from: { path: "^services/", pathNot: TEST_SUPPORT },
      to: { path: "^(scripts|infra)/" },
    },
    {
      name: "streams-do-no-io",
      comment: "no Node built-in and no npm package: a stage is a function of its events",
      severity: "error",
      from: { path: "^streams/", pathNot: TEST_SUPPORT },
      to: { dependencyTypes: ["core", "npm", "npm-dev", "npm-optional", "npm-peer"] },
    },
    {
      name: "detectors-do-not-import-each-other",
      severity: "error",
      from: { path: "^streams/detectors/([^/]+)/", pathNot: TEST_SUPPORT },
      to: { path: "^streams/detectors/[^/]+/", pathNot: "^streams/detectors/$1/" },
    },
    {
      name: "platform-knows-no-stage",
      comment: "the runtime runs any stage; of streams it knows the kernel and the row vocabulary",
      severity: "error",
      from: { path: "^services/platform/", pathNot: TEST_SUPPORT },
      to: { path: "^streams/", pathNot: "^streams/kernel/" },
    },
    {
      name: "testing-only-in-tests",
      severity: "error",
      from: { pathNot: TEST_SUPPORT },
      to: { path: "/testing/|[.]test[.]ts$" },
    },
    {
      name: "no-unresolvable-import",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-undeclared-package",
      comment: "the package.json of the importing workspace must list what it imports",
      severity: "error",
      from: { path: "^(schemas|streams|services)/", pathNot: TEST_SUPPORT },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "no-development-package-in-production-code",
      severity: "error",
      from: { path: "^(schemas/src|streams|services)/", pathNot: TEST_SUPPORT },
      to: { dependencyTypes: ["npm-dev"], pathNot: "node_modules/@types/" },
    },
    ...streamFolderRules,
    ...serviceRules,
    ...confinementRules,
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
};
