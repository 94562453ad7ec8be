import { statusOfContainers } from "./containers/part-containers.ts";
import { runnerOf } from "./containers/runner.ts";
import type { StackContext } from "./context.ts";
import { givenReport, PART_CONTROLS } from "./part-control.ts";
import type { PartReport } from "./parts.ts";

/** How each part that is asked for stands; every one is asked a real question. */
export function statusOfParts(context: StackContext): Promise<PartReport[]> {
  if (runnerOf(context.home) === "containers") return statusOfContainers(context);
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
