/**
 * Experiments are settings of `ops.control.v1`, one per experiment: its newest record holds the whole
 * plan, so that a compacted topic forgets none.
 */
const PREFIX = "experiment/";

/** Fits `experiment_name` of the tables and the 64 characters of a setting. */
const NAME = /^[a-z0-9][a-z0-9_-]{0,49}$/;

/** The setting of an experiment. */
export function settingOfExperiment(name: string): string {
  return `${PREFIX}${name}`;
}

/** Name of the experiment that a setting is about; null for every other setting. */
export function experimentOfSetting(setting: string): string | null {
  if (!setting.startsWith(PREFIX)) return null;
  const name = setting.slice(PREFIX.length);
  return NAME.test(name) ? name : null;
}
