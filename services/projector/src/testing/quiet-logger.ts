import type { ProjectorLogger } from "../logger.ts";

export const quietLogger: ProjectorLogger = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
