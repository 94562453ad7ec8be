import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { type LocalServer, startServer } from "../mock/local-server.ts";

/** What a request to a failing server gets. */
type Answer = (response: ServerResponse, size: number) => void;

const JSON_HEAD = { "content-type": "application/json" };

/** A gzip stream may be many in a row. */
const MEGABYTE = gzipSync(Buffer.alloc(1_000_000));

function reply(
  response: ServerResponse,
  headers: Record<string, string | number>,
  body: string | Buffer,
) {
  response.writeHead(200, { ...JSON_HEAD, ...headers });
  response.end(body);
}

/** Writes until the other side has gone. */
function drip(response: ServerResponse, piece: Buffer, everyMs: number): void {
  const timer = setInterval(() => response.write(piece), everyMs);
  response.on("close", () => clearInterval(timer));
}

/**
 * The ways in which an HTTP provider fails without saying so (reliability.md B11). `size` varies the
 * case: bytes of the good part, or megabytes of the bad one.
 */
export const FAILURES: Readonly<Record<string, Answer>> = {
  "shorter than its length": (response, size) => {
    response.writeHead(200, { ...JSON_HEAD, "content-length": 10_000 });
    response.write("x".repeat(size));
    response.destroy();
  },
  "cut in a chunk": (response, size) => {
    response.writeHead(200, JSON_HEAD);
    response.write("x".repeat(size), () => response.destroy());
  },
  "truncated JSON": (response, size) => reply(response, {}, `{"rows":[${'"x",'.repeat(size)}`),
  "HTML with status 200": (response, size) =>
    reply(response, { "content-type": "text/html" }, `<html>${"busy ".repeat(size)}</html>`),
  "HTML that says it is JSON": (response, size) =>
    reply(response, {}, `<html>${"busy ".repeat(size)}`),
  "empty with status 200": (response) => reply(response, {}, ""),
  "of no type": (response) => {
    response.writeHead(200);
    response.end("{}");
  },
  "of another type": (response, size) =>
    reply(response, { "content-type": `application/octet-stream; n=${size}` }, "{}"),
  "larger than allowed": (response, size) =>
    reply(response, {}, Buffer.alloc((5 + size) * 1_000_000, " ")),
  "endless in large chunks": (response) => {
    response.writeHead(200, JSON_HEAD);
    drip(response, Buffer.alloc(200_000, " "), 1);
  },
  "endless, a byte at a time": (response) => {
    response.writeHead(200, JSON_HEAD);
    drip(response, Buffer.from(" "), 20);
  },
  "a gzip bomb": (response, size) =>
    reply(
      response,
      { "content-encoding": "gzip" },
      Buffer.concat(new Array<Buffer>(10 + size).fill(MEGABYTE)),
    ),
  "a truncated gzip stream": (response, size) => {
    const whole = gzipSync(JSON.stringify(Array.from({ length: 500 }, (_, index) => index * size)));
    reply(response, { "content-encoding": "gzip" }, whole.subarray(0, whole.length - 5 - size));
  },
  "no gzip stream though it says so": (response, size) =>
    reply(response, { "content-encoding": "gzip" }, "{}".repeat(size)),
  "in an encoding nobody asked for": (response, size) =>
    reply(response, { "content-encoding": size % 2 === 0 ? "br" : "deflate" }, "{}"),
  "never begun": () => undefined,
  "begun and never gone on": (response, size) => {
    response.writeHead(200, { ...JSON_HEAD, "content-length": 10_000 });
    response.write("x".repeat(size));
  },
  "cut before its head": (response) => {
    response.destroy();
  },
  "no HTTP": (response, size) => {
    response.socket?.end(`SSH-2.0-${"x".repeat(size)}\r\n\r\n`);
  },
  "a redirect that never ends": (response, size) => {
    response.writeHead(302, { location: `/a redirect that never ends/${size + 1}` });
    response.end();
  },
};

/** Answers `/<name of a failure>/<size>`; anything else gets `{"secret":true}`. */
export async function startFailingServer(): Promise<LocalServer> {
  return startServer((path, response) => {
    const [name = "", size = "1"] = path.slice(1).split("/").map(decodeURIComponent);
    const fail = FAILURES[name];
    if (fail === undefined) reply(response, {}, '{"secret":true}');
    else fail(response, Number(size));
  });
}
