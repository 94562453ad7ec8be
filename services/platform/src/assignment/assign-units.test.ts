import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Assignment, assignUnits, type Member } from "./assign-units.ts";
import { type Unit, unitName, unitsOf } from "./unit.ts";

const GROUPS = ["signals", "discovery", "alerts"];

const unitsWith = (partitions: number): Unit[] =>
  GROUPS.flatMap((group) => unitsOf(group, partitions));

const member = (id: string, held: readonly Unit[] = []): Member => ({ id, groups: GROUPS, held });

const names = (assignment: Assignment, id: string) =>
  (assignment.get(id) ?? []).map(unitName).sort();

/** Divisions one after the other, in which everybody does as the one before said, until it stays. */
function settle(members: readonly Member[], units: readonly Unit[]): Assignment {
  let standing = members;
  for (let rounds = 0; rounds < 5; rounds += 1) {
    const assignment = assignUnits(standing, units);
    const next = standing.map((one) => ({ ...one, held: assignment.get(one.id) ?? [] }));
    if (JSON.stringify(next) === JSON.stringify(standing)) return assignment;
    standing = next;
  }
  throw new Error("the division does not come to rest");
}

const anyMembers = fc
  .uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 7 })
  .chain((ids) =>
    fc
      .tuple(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.option(fc.constantFrom(...ids)), { minLength: 36, maxLength: 36 }),
      )
      .map(([partitions, holders]) => {
        const units = unitsWith(partitions);
        const members = ids.map((id) =>
          member(
            id,
            units.filter((_, index) => holders[index] === id),
          ),
        );
        return { members, units };
      }),
  );

describe("the division of units", () => {
  it("gives every unit to one member, each group evenly, whoever held what before", () => {
    fc.assert(
      fc.property(anyMembers, ({ members, units }) => {
        const assignment = settle(members, units);
        const given = [...assignment.values()].flat().map(unitName);
        expect(given.toSorted()).toEqual(units.map(unitName).toSorted());
        for (const group of GROUPS) {
          const counts = [...assignment.values()].map(
            (share) => share.filter((unit) => unit.group === group).length,
          );
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it("never gives a unit away while another member holds it", () => {
    fc.assert(
      fc.property(anyMembers, ({ members, units }) => {
        const holders = new Map(
          members.flatMap(({ id, held }) => held.map((unit) => [unitName(unit), id] as const)),
        );
        for (const [id, share] of assignUnits(members, units)) {
          for (const unit of share) expect(holders.get(unitName(unit)) ?? id).toBe(id);
        }
      }),
    );
  });

  it("does not depend on the order in which members are named", () => {
    fc.assert(
      fc.property(anyMembers, ({ members, units }) => {
        const backwards = assignUnits(members.toReversed(), units);
        for (const [id, share] of assignUnits(members, units)) {
          expect(backwards.get(id)).toEqual(share);
        }
      }),
    );
  });

  it("moves nothing but what a new member needs, in two steps", () => {
    const units = unitsWith(4);
    const before = settle([member("a"), member("b")], units);
    const members = [member("a", before.get("a")), member("b", before.get("b")), member("c")];
    const first = assignUnits(members, units);
    expect(names(first, "c")).toEqual([]);
    const after = settle(members, units);
    expect(after.get("c")).toHaveLength(3);
    for (const id of ["a", "b"]) {
      const kept = new Set(names(before, id));
      expect(names(after, id).filter((name) => !kept.has(name))).toEqual([]);
    }
  });

  it("gives the units of a member that is gone to the others, and theirs to nobody else", () => {
    const units = unitsWith(4);
    const before = settle([member("a"), member("b"), member("c")], units);
    const left = [member("a", before.get("a")), member("b", before.get("b"))];
    const after = assignUnits(left, units);
    expect([...after.values()].flat()).toHaveLength(units.length);
    for (const { id, held } of left) {
      expect(names(after, id)).toEqual(expect.arrayContaining(held.map(unitName)));
    }
  });

  it("gives a member no unit of a group that its version does not know", () => {
    const old = { ...member("a"), groups: ["signals"] };
    const after = settle([old, member("b")], unitsWith(4));
    expect(names(after, "a").every((name) => name.startsWith("signals/"))).toBe(true);
    expect([...after.values()].flat()).toHaveLength(12);
  });
});
