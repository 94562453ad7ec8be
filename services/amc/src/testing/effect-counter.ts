import { createHook } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import { writeSync } from "node:fs";

/**
 * Loaded with `--import` into a process without permissions: counts what it tries to do to the world
 * outside, also where the refusal is swallowed, and writes the counts as JSON to descriptor 3.
 */

/** What Node asks its permission model for before it writes, or starts something. */
const ASKED = ["fs", "child", "worker", "addon", "wasi", "inspector"].map(
  (scope) => `node:permission-model:${scope}`,
);

/**
 * Handles of libuv behind every socket, lookup and process, whatever module of Node opened them. A
 * PIPEWRAP alone is none: standard output is one.
 */
const OUTWARD =
  /^(?:TCP|UDP|TLS|QUIC|HTTP|PIPECONNECT|PIPESERVER|PROCESS|WORKER|DNS|QUERY|GETADDR|GETNAME)/;

const counts = new Map<string, number>();
const count = (effect: string) => void counts.set(effect, (counts.get(effect) ?? 0) + 1);

for (const channel of ASKED) subscribe(channel, () => count(channel));
createHook({
  init: (_id, type) => {
    if (OUTWARD.test(type)) count(type);
  },
}).enable();

const RESULT_DESCRIPTOR = 3;
process.on("exit", () => {
  writeSync(RESULT_DESCRIPTOR, JSON.stringify(Object.fromEntries(counts)));
});
