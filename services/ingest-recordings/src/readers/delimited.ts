import {
  type BrokenRecord,
  type Layout,
  RecordSplitter,
  type SplitRecord,
} from "@amc/platform/text/record-splitter";
import type { FactTopic } from "@amc/schemas/topics";
import type { Fact } from "@amc/streams/kernel/fact";
import type { SourceItem } from "../facts/fact.ts";
import { RowError, refuseInvalid, rejectedBy } from "../facts/row-error.ts";
import type { ColumnSpec } from "../manifest/source-fields.ts";
import type { SourceFile, SourceItems } from "./reader.ts";
import { bindColumns, Row, type RowOptions } from "./row.ts";
import { type TextMember, textMembers } from "./text-members.ts";

/** What a row becomes: a fact, null when it is passed over, a reason when it is left out. */
export type RowOutcome = Fact | null | { readonly skip: string };

/** Makes facts of the rows of one text. Throws RowError for a row that cannot be one. */
export type RowMapper = (row: Row) => RowOutcome;

/** How a delimited text is read, whoever describes it: a manifest or a preset. */
export interface DelimitedPlan extends RowOptions {
  readonly columns: Readonly<Record<string, ColumnSpec | undefined>>;
  /** Topic of the rows' facts, for rejects. */
  readonly topic: FactTopic;
  mapper(member: TextMember): RowMapper;
  /** True for rows that are no data, such as a closing count. */
  isTrailer?(cells: readonly string[]): boolean;
}

/** The plan of one text, made when its header is known; `null` stands for a text without one. */
export type PlanOf = (header: readonly string[] | null, member: TextMember) => DelimitedPlan;

const PROBLEMS: Readonly<Record<BrokenRecord["code"], string>> = {
  "row.too-long": "row is longer than 65536 characters",
  "row.field-too-long": "cell is longer than 16384 characters",
  "row.too-many-columns": "row has more than 1000 columns",
  "row.quote-not-closed": "quoted cell is not closed before the end of the file",
  "row.quote-inside-field": "quote inside a cell that is not quoted (RFC 4180 doubles it)",
  "row.text-after-quote": "text follows the closing quote of a cell",
  "row.bare-carriage-return": "carriage return without line feed",
};

/** Reads every text of a file (members of an archive one after the other). */
export async function* readDelimited(
  file: SourceFile,
  layout: Layout,
  hasHeader: boolean,
  planOf: PlanOf,
): SourceItems {
  for await (const member of textMembers(file.path, file.label)) {
    const text = new DelimitedText(member, hasHeader, planOf);
    const splitter = new RecordSplitter(layout);
    for await (const chunk of member.chunks) yield text.itemsOf(splitter.push(chunk));
    yield text.itemsOf(splitter.end());
  }
}

interface Bound {
  readonly plan: DelimitedPlan;
  readonly row: Row;
  readonly map: RowMapper;
}

class DelimitedText {
  readonly #member: TextMember;
  readonly #planOf: PlanOf;
  #awaitsHeader: boolean;
  #bound: Bound | null = null;
  #width = 0;

  constructor(member: TextMember, hasHeader: boolean, planOf: PlanOf) {
    this.#member = member;
    this.#awaitsHeader = hasHeader;
    this.#planOf = planOf;
  }

  itemsOf(records: readonly (SplitRecord | BrokenRecord)[]): SourceItem[] {
    const items: SourceItem[] = [];
    for (const record of records) {
      if (this.#awaitsHeader && record.type === "record") {
        this.#awaitsHeader = false;
        this.#bind(record.cells.map((cell) => cell.trim()));
        this.#width = record.cells.length;
        continue;
      }
      const item = this.#itemOf(record);
      if (item !== null) items.push(item);
    }
    return items;
  }

  #bind(header: readonly string[] | null): Bound {
    const plan = this.#planOf(header, this.#member);
    const columns = bindColumns(plan.columns, header, this.#member.label);
    const bound = { plan, row: new Row(columns, plan), map: plan.mapper(this.#member) };
    this.#bound = bound;
    return bound;
  }

  #itemOf(record: SplitRecord | BrokenRecord): SourceItem | null {
    const { plan, row, map } = this.#bound ?? this.#bind(null);
    const place = { path: this.#member.label, row: record.row };
    try {
      if (record.type === "broken") {
        throw new RowError(record.code, PROBLEMS[record.code], record.column);
      }
      if (plan.isTrailer?.(record.cells)) return null;
      this.#checkWidth(record.cells.length);
      row.use(record.cells);
      const outcome = map(row);
      if (outcome === null) return null;
      if ("skip" in outcome) return { type: "skipped", reason: outcome.skip, ...place };
      refuseInvalid(outcome, (field) => row.columnOf(field));
      return { type: "fact", fact: outcome, row: record.row };
    } catch (error) {
      return rejectedBy(error, place, plan.topic, record.raw);
    }
  }

  /** A row of another width has lost or gained a delimiter, and its cells cannot be told apart. */
  #checkWidth(width: number): void {
    if (this.#width === 0) this.#width = width;
    if (width === this.#width) return;
    throw new RowError("row.columns", `row has ${width} columns, the first has ${this.#width}`);
  }
}
