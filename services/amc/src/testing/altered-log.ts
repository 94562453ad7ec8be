import type { Log } from "@amc/platform/log/port";

/** A log that does some things in another way, and everything else as it did. */
export function alteredLog(log: Log, changes: Partial<Log>): Log {
  return new Proxy(log, {
    get(target, name) {
      const changed: unknown = Reflect.get(changes, name);
      if (changed !== undefined) return changed;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
