import type { Log } from "@amc/platform/log/port";
import { decodeEvent } from "@amc/schemas/codec";
import { CommandError, EXIT } from "../exit-codes.ts";

const PRICES = "market.price-tick.v1";

/**
 * Throws CommandError where the newest prices of a log are made up and those to come are not, or the
 * other way round. Both would have the ids of one provider, and the first to come would stand.
 */
export async function refuseMixed(log: Log, isMocked: boolean, directory: string): Promise<void> {
  for (let partition = 0; partition < log.partitions(PRICES); partition += 1) {
    const end = await log.endOffset(PRICES, partition);
    if (end <= (await log.startOffset(PRICES, partition))) continue;
    const [record] = await log.read(PRICES, partition, end - 1, { maxRecords: 1, maxBytes: 1 });
    const decoded = record?.value ? decodeEvent(PRICES, record.value) : null;
    if (decoded?.ok !== true || decoded.value.simulated === isMocked) continue;
    const [has, comes] = isMocked ? ["real", "made-up"] : ["made-up", "real"];
    throw new CommandError(
      EXIT.config,
      `${directory} has ${has} prices, and ${comes} ones must not come among them: give another --data-dir`,
    );
  }
}
