import { nextOffset } from "@amc/platform/log/next-offset";
import type { Append, Log } from "@amc/platform/log/port";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { momentumBars, tickAppend } from "./momentum-bars.ts";
import { expectResult, type Scale } from "./workload.ts";

/** As many as the peers' topic has. */
export const SCAN_PARTITIONS = 4;
export const SIGNALS = "signals.detection.v1";
const COMMIT_RECORDS = 5_000;
const READ = { maxRecords: 5_000, maxBytes: 8 * 1024 * 1024 };

interface Expected {
  readonly bars: number;
  readonly signals: number;
  /** 32-bit sum of FNV-1a over `symbol|time`, in hex. */
  readonly keys: string;
}

/**
 * What the engines that this scan is compared with found in the same bars, by the definition in
 * `momentum-stage.ts`: signals counted, keys summed. Any other answer is speed at another job.
 */
export const EXPECTED: Readonly<Record<Scale, Expected>> = {
  small: { bars: 100_000, signals: 734, keys: "6926751c" },
  full: { bars: 1_000_000, signals: 8_053, keys: "e51cbe96" },
};

/** Writes the peers' bars in their order. */
export async function writeBars(log: Log, count: number): Promise<void> {
  let appends: Append[] = [];
  let number = 0;
  for (const bar of momentumBars(count)) {
    appends.push(tickAppend(bar, number));
    number += 1;
    if (appends.length < COMMIT_RECORDS) continue;
    await log.commit({ appends });
    appends = [];
  }
  if (appends.length > 0) await log.commit({ appends });
}

/** What lies in the log after a scan; throws unless it is what every peer found. */
export async function checkedSignals(log: Log, scale: Scale, taken: number) {
  const { bars, signals: expected, keys: expectedKeys } = EXPECTED[scale];
  const { signals, keys } = await checksum(log);
  expectResult("bars taken", taken, bars);
  expectResult("signals", signals, expected);
  expectResult("checksum of the signals", keys, expectedKeys);
  return { signals, keys };
}

/** Count and order-free checksum of what lies in the log, as the peers' runner computes them. */
async function checksum(log: Log): Promise<{ signals: number; keys: string }> {
  let signals = 0;
  let sum = 0;
  for (let partition = 0; partition < SCAN_PARTITIONS; partition += 1) {
    for (let next = 0; ; ) {
      const records = await log.read(SIGNALS, partition, next, READ);
      if (records.length === 0) break;
      for (const record of records) {
        const decoded = decodeRecord(record, false);
        if (!decoded.ok) throw new TypeError(`a signal does not decode: ${decoded.reason}`);
        const { value } = decoded.event;
        signals += 1;
        sum = (sum + fnv1a(`${record.key}|${value.happenedAt}`)) >>> 0;
      }
      next = nextOffset(records, next);
    }
  }
  return { signals, keys: sum.toString(16).padStart(8, "0") };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}
