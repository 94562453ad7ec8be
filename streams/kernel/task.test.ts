import { describe, expect, it } from "vitest";
import { derivedId, uuidOf } from "./ids.ts";
import { isNumber } from "./json-shape.ts";
import { KeyedStore } from "./keyed-store.ts";
import { type AnyEvent, DONE, reject, type Stage, skip } from "./stage.ts";
import { jsonCodec } from "./state-codec.ts";
import { Task } from "./task.ts";

const control = (setting: string): AnyEvent => ({
  topic: "ops.control.v1",
  id: uuidOf(setting),
  key: setting,
  value: { setting, value: null, happenedAt: 1, publishedAt: 1, actor: "test", reason: "test" },
});

/** Emits one alert request per control event; which topics are used is of no importance here. */
function emitter(name: string): Stage {
  return {
    name,
    version: 1,
    inputs: ["ops.control.v1"],
    outputs: ["alerts.delivery.v1"],
    init: ({ emit }) => ({
      stores: [],
      step: (event) => {
        emit({
          topic: "alerts.delivery.v1",
          id: derivedId(name, 1, [event.id]),
          key: name,
          happenedAt: 1,
          value: {
            symbol: name,
            happenedAt: 1,
            publishedAt: 1,
            capturedAt: 1,
            source: name,
            simulated: true,
            alertId: event.id,
            channel: "console",
            status: "SENT",
            attempt: 1,
            error: null,
            ...{ recipient: null, reference: null, requestedAt: null },
          },
        });
        return DONE;
      },
    }),
  };
}

function listener(name: string, heard: string[], answer = DONE): Stage {
  return {
    name,
    version: 1,
    inputs: ["alerts.delivery.v1"],
    outputs: [],
    init: () => ({
      stores: [],
      step: (event) => {
        heard.push(`${name}:${event.key}`);
        return answer;
      },
    }),
  };
}

const owned = { partition: 0, partitions: 1 };
const ignore = (): void => {};

describe("task", () => {
  it("hands an emission to later stages only, in topology order", () => {
    const heard: string[] = [];
    const stages = [listener("early", heard), emitter("a"), emitter("b"), listener("late", heard)];
    const produced: string[] = [];
    const task = new Task({ name: "t", timed: false, stages }, owned, ({ stage }) =>
      produced.push(stage.name),
    );
    expect(task.step(control("x"))).toEqual(DONE);
    expect(heard).toEqual(["late:a", "late:b"]);
    expect(produced).toEqual(["a", "b"]);
  });

  it("reports the first outcome that is not done", () => {
    const skipping: Stage = {
      ...emitter("skip"),
      init: () => ({ stores: [], step: () => skip("no need") }),
    };
    const task = new Task(
      { name: "t", timed: false, stages: [emitter("a"), skipping] },
      owned,
      ignore,
    );
    expect(task.step(control("x"))).toEqual({ type: "skip", reason: "no need" });
  });

  it("stops when a stage refuses what another stage of ours emitted", () => {
    const stages = [emitter("a"), listener("b", [], reject("bad"))];
    const task = new Task({ name: "t", timed: false, stages }, owned, ignore);
    expect(task.step(control("x")).type).toBe("stop");
  });
});

describe("keyed store", () => {
  const numbers = (): KeyedStore<number> => new KeyedStore("numbers", jsonCodec(1, isNumber));

  it("writes only touched keys, in key order, and restores to the same values", () => {
    const store = numbers();
    store.set("b", 2);
    store.set("a", 1);
    const changes = store.takeChanges();
    expect(changes.map(({ key }) => key)).toEqual(["a", "b"]);
    expect(store.takeChanges()).toEqual([]);
    const copy = numbers();
    for (const { key, value } of changes) if (value !== null) copy.restore(key, value);
    expect([...copy.entries()]).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
    expect(copy.takeChanges()).toEqual([]);
  });

  it("writes a removal as null and says nothing of a key that never was", () => {
    const store = numbers();
    store.set("a", 1);
    store.takeChanges();
    store.delete("a");
    store.delete("never");
    expect(store.takeChanges()).toEqual([{ store: "numbers", key: "a", value: null }]);
  });
});
