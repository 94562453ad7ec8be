import { PLAYER_GROUP, PLAYER_PARTITION } from "@amc/ingest-recordings/play/progress-state";
import { type PlayResult, playRecording } from "@amc/ingest-recordings/player";
import type { Work } from "@amc/platform/assignment/assigned-work";
import { isLogError } from "@amc/platform/log/errors";
import type { Append } from "@amc/platform/log/port";
import { formatCount } from "../output/format.ts";
import { asCommandError } from "../recordings.ts";
import { AssignedService } from "./assigned-service.ts";
import type { Service, ServiceContext } from "./service.ts";
import { UnitTries } from "./unit-tries.ts";

/**
 * Plays a recording: its facts, and the ticks that are the clock of everything else. One instance does,
 * the others stand by; all end when it is played.
 */
export async function openIngest(context: ServiceContext): Promise<Service> {
  const tries = new UnitTries();
  return new AssignedService({
    context,
    work: ingestWork(context, tries),
    units: [{ group: PLAYER_GROUP, partition: PLAYER_PARTITION }],
    problems: async () => tries.problems(),
  });
}

type IngestContext = Pick<
  ServiceContext,
  "log" | "logger" | "metrics" | "telemetry" | "printer" | "recording"
>;

/** Plays the recording of the context as long as it is wanted, through failures that pass. */
export function ingestWork(context: IngestContext, tries: UnitTries): Work {
  const { log, logger, metrics, telemetry, printer, recording } = context;
  return async (unit, signal) => {
    let played: PlayResult | null = null;
    const play = async (opened: () => void): Promise<void> => {
      const onWritten = (appends: readonly Append[], elapsedMs: number): void => {
        opened();
        telemetry.written("ingest-recordings", appends, elapsedMs);
      };
      played = await asCommandError(() => playRecording({ log, ...recording, signal, onWritten }));
    };
    try {
      await tries.run(unit, signal, play, ({ error, code }, retryInMs) => {
        metrics.failed("ingest-recordings", code, true);
        logger.error({ err: error, retryInMs }, "the recording waits");
      });
    } catch (error) {
      if (isLogError(error, "log.fenced")) return "lost";
      throw error;
    }
    const line = playedLine(played);
    if (line === null) return "released";
    printer.line(
      { type: "played", ...line },
      `${line.recording}: ${formatCount(line.facts)} facts, ${formatCount(line.ticks)} ticks, ${line.rejected} rows refused`,
    );
    return "finished";
  };
}

function playedLine(played: PlayResult | null) {
  if (played === null || !played.isDone) return null;
  const { description, facts, ticks, rejected } = played;
  return { recording: description.name, facts, ticks, rejected };
}
