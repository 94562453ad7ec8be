import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer as createHttpServer, type ServerResponse } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readStartToken } from "@amc/platform/postgres/process-identity";
import { LOOPBACK } from "../ports.ts";

const FAKE_COMPOSE = fileURLToPath(new URL("./fake-compose.sh", import.meta.url));
const CONTAINER = "0123456789ab";

/** An engine whose only container is a Redis that answers PING; `docker` of its path is fake-compose.sh. */
export interface FakeEngine {
  /** What leads a test run to it. */
  readonly environment: Readonly<Record<string, string>>;
  /** What was asked of docker. */
  calls(): string[];
  /** Of the container; null while there is none. */
  publishedPort(): number | null;
  /** From now on these are not there, and a start loads them. */
  loseImages(...images: readonly string[]): void;
  /** From now on it does not say which images it has. */
  keepSilentAboutImages(): void;
  /** From now on nothing can be started. */
  refuseStarts(): void;
  /** From now on a start does not end. */
  loadImagesForEver(): void;
  /** Whether a start goes on that does not end. */
  isLoadingImages(): boolean;
  /** From now on the container does not answer. */
  publishNothing(): void;
  close(): Promise<void>;
}

/** Answers as much of the engine's API as testcontainers asks of a service that compose has started. */
export async function startFakeEngine(): Promise<FakeEngine> {
  const root = mkdtempSync(join(tmpdir(), "amc-fake-engine-"));
  const bin = join(root, "bin");
  mkdirSync(bin);
  copyFileSync(FAKE_COMPOSE, join(bin, "docker"));
  const linesOf = (name: string) =>
    existsSync(join(bin, name)) ? readFileSync(join(bin, name), "utf8").trim().split("\n") : [];
  const tell = (name: string, lines: readonly string[] = []) =>
    writeFileSync(join(bin, name), lines.map((line) => `${line}\n`).join(""));
  let redis: Server | null = null;
  const respond = async (url: string, response: ServerResponse) => {
    const [project = "", port = "0"] = linesOf("up");
    if (url.startsWith("/containers/") && !existsSync(join(bin, "silent"))) {
      redis ??= await listening(Number(port));
    }
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answerOf(url, project)));
  };
  const engine = createHttpServer(({ url = "" }, response) => void respond(url, response));
  const socket = join(root, "docker.sock");
  await new Promise<void>((resolve) => void engine.listen(socket, resolve));
  return {
    environment: {
      PATH: [bin, process.env.PATH ?? ""].join(delimiter),
      DOCKER_HOST: `unix://${socket}`,
    },
    calls: () => linesOf("calls"),
    publishedPort: () => {
      const port = linesOf("up")[1];
      return port === undefined ? null : Number(port);
    },
    loseImages: (...images) => tell("no-image", images),
    keepSilentAboutImages: () => tell("silent-images"),
    refuseStarts: () => tell("refusing"),
    loadImagesForEver: () => tell("slow"),
    isLoadingImages: () => linesOf("loading").some((pid) => readStartToken(Number(pid)) !== null),
    publishNothing: () => tell("silent"),
    close: async () => {
      engine.closeAllConnections();
      await Promise.all([engine, ...(redis === null ? [] : [redis])].map(close));
      rmSync(root, { recursive: true });
    },
  };
}

/** Fields that testcontainers reads, as an engine gives them. */
function answerOf(url: string, project: string): unknown {
  const Names = [`/${project}-redis-1`];
  const Labels = { "com.docker.compose.project": project };
  if (url.startsWith("/info")) return { ServerVersion: "28.2.2", OperatingSystem: "none" };
  if (url.startsWith("/containers/json")) return [{ Id: CONTAINER, Names, Labels }];
  return {
    ...{ Id: CONTAINER, Name: Names[0] },
    Config: { Hostname: CONTAINER, Labels, Image: "redis:7.2", Healthcheck: { Test: ["CMD"] } },
    State: { Status: "running", Running: true, Health: { Status: "healthy" } },
    NetworkSettings: { Ports: {}, Networks: {} },
  };
}

async function listening(port: number): Promise<Server> {
  const server = createServer(answerPings);
  await new Promise<void>((resolve) => void server.listen(port, LOOPBACK, resolve));
  return server;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}

function answerPings(socket: Socket): void {
  socket.on("error", () => socket.destroy());
  socket.on("data", () => socket.write("+PONG\r\n"));
}
