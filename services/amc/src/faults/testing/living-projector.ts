import { readFile } from "node:fs/promises";
import type { ChildLife } from "./child-life.ts";

const LOOK_EVERY_MS = 50;
const GIVE_UP_MS = 120_000;

/** Waits for something that a projector has to bring about; throws when it ends before, or never does. */
export async function untilTrue(
  projector: ChildLife,
  isTrue: () => Promise<boolean>,
): Promise<void> {
  const untilMs = performance.now() + GIVE_UP_MS;
  while (!(await isTrue())) {
    if (projector.isOver) throw new Error("the projector ended");
    if (performance.now() > untilMs) throw new Error("the projector does not get on");
    await projector.within(LOOK_EVERY_MS);
  }
}

/** Memory that a process holds, as the kernel counts it, bytes; 0 when it is gone. Linux only. */
export async function residentBytes({ pid }: ChildLife): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return Number(kilobytes ?? 0) * 1_024;
}
