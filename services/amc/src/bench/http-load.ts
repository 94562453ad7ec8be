import { connect } from "node:net";
import { parentPort, Worker, workerData } from "node:worker_threads";
import { percentile } from "./statistics.ts";

export interface LoadJob {
  readonly port: number;
  /** Asked in turn, by each connection from a place of its own. */
  readonly paths: readonly string[];
  /** Kept open, each with one request on its way. */
  readonly connections: number;
  readonly ms: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly elapsedMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const HEAD_END = "\r\n\r\n";
const LENGTH = /\r\ncontent-length: (\d+)\r\n/i;

/** Asks the paths over and over from a thread of its own. Rejects at the first answer but 200. */
export function load(job: LoadJob): Promise<LoadResult> {
  const worker = new Worker(new URL(import.meta.url), { workerData: job });
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

async function run(job: LoadJob): Promise<LoadResult> {
  const startedMs = performance.now();
  const untilMs = startedMs + job.ms;
  const asked = Array.from({ length: job.connections }, (_, index) =>
    askUntil(job, index, untilMs),
  );
  const times = (await Promise.all(asked)).flat().toSorted((a, b) => a - b);
  return {
    requests: times.length,
    elapsedMs: performance.now() - startedMs,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
  };
}

/** Times of the answers on one connection, ms. */
function askUntil({ port, paths }: LoadJob, first: number, untilMs: number): Promise<number[]> {
  const requests = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  const times: number[] = [];
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let sentMs = 0;
    let text = "";
    const ask = (): void => {
      sentMs = performance.now();
      text = "";
      socket.write(requests[(first + times.length) % requests.length] ?? "");
    };
    socket.setEncoding("latin1");
    socket.on("connect", ask);
    socket.on("error", reject);
    socket.on("data", (data) => {
      text += data;
      if (!isWhole(text)) return;
      if (!text.startsWith("HTTP/1.1 200 ")) reject(new Error(text.slice(0, 200)));
      times.push(performance.now() - sentMs);
      if (performance.now() < untilMs) {
        ask();
        return;
      }
      socket.destroy();
      resolve(times);
    });
  });
}

function isWhole(text: string): boolean {
  const head = text.indexOf(HEAD_END);
  if (head < 0) return false;
  const length = Number(LENGTH.exec(text)?.[1] ?? 0);
  return text.length >= head + HEAD_END.length + length;
}

if (parentPort !== null) parentPort.postMessage(await run(workerData));
