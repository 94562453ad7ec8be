import type { StackContext } from "./context.ts";
import { givenReport, PART_CONTROLS } from "./part-control.ts";
import type { PartReport } from "./parts.ts";

/** How each part that is asked for stands; every one is asked a real question. */
export function statusOfParts(context: StackContext): Promise<PartReport[]> {
  const { given, parts } = context.settings;
  return Promise.all(
    parts.map((part) => {
      const address = given[part];
      return address === undefined
        ? PART_CONTROLS[part].status(context)
        : givenReport(part, address, context.settings);
    }),
  );
}
