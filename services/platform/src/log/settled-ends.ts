import type { Log } from "./port.ts";

/**
 * Ends of all partitions of a broadcast topic as of one moment. A broadcast goes to all partitions in
 * one commit, which may become visible between two of these reads; the same ends twice in a row are
 * those of one moment. Else a tick would cover it in one partition and not in another.
 */
export async function settledEnds(
  log: Pick<Log, "partitions" | "endOffset">,
  topic: string,
): Promise<readonly number[]> {
  for (let before: string | undefined; ; ) {
    const ends: number[] = [];
    for (let partition = 0; partition < log.partitions(topic); partition += 1) {
      ends.push(await log.endOffset(topic, partition));
    }
    if (ends.join() === before) return ends;
    before = ends.join();
  }
}
