import { isNumber, isText, recordOf } from "../kernel/json-shape.ts";
import { KeyedStore } from "../kernel/keyed-store.ts";
import { DONE, type Outcome, type StageEvent, skip } from "../kernel/stage.ts";
import { jsonCodec } from "../kernel/state-codec.ts";
import { type Experiment, isRunningAt, planOf } from "./plan.ts";
import { experimentOfSetting } from "./setting-name.ts";

/** The newest operator record of one experiment. */
interface ExperimentRecord {
  readonly plan: string;
  readonly publishedAt: number;
  readonly id: string;
}

const RECORD_FORMAT = 1;
const isExperimentRecord = recordOf<ExperimentRecord>({
  plan: isText,
  publishedAt: isNumber,
  id: isText,
});

/** Every experiment that operators have planned, out of `ops.control.v1`. */
export class ExperimentsInForce {
  readonly store: KeyedStore<ExperimentRecord>;
  /** By name; read anew at the first question after a change or a restore. */
  #known: readonly Experiment[] | null = null;

  constructor(storeName: string) {
    this.store = new KeyedStore(storeName, jsonCodec(RECORD_FORMAT, isExperimentRecord));
  }

  get known(): readonly Experiment[] {
    this.#known ??= this.#read();
    return this.#known;
  }

  /** The experiment whose arms the runs of an instant, UTC ms, are shared among; null without one. */
  runningAt(instant: number): Experiment | null {
    // Operators may start one at a time only; should there be two, all partitions take the same.
    return this.known.find(({ plan }) => isRunningAt(plan, instant)) ?? null;
  }

  /** The newest record by publication wins, in whatever order they come. */
  apply({ id, value: { setting, value, publishedAt } }: StageEvent<"ops.control.v1">): Outcome {
    const name = experimentOfSetting(setting);
    if (name === null) return skip("control:unknown-setting");
    if (value === null || planOf(value) === null) return skip("control:unknown-value");
    const known = this.store.get(name);
    if (known !== undefined && !isNewer(publishedAt, id, known)) return skip("control:superseded");
    this.store.set(name, { plan: value, publishedAt, id });
    this.#known = null;
    return DONE;
  }

  #read(): readonly Experiment[] {
    const experiments: Experiment[] = [];
    for (const [name, record] of this.store.entries()) {
      const plan = planOf(record.plan);
      if (plan !== null) experiments.push({ name, plan });
    }
    return experiments.sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

function isNewer(publishedAt: number, id: string, known: ExperimentRecord): boolean {
  return publishedAt === known.publishedAt ? id > known.id : publishedAt > known.publishedAt;
}
