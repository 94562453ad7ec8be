import { RecordingError } from "../errors.ts";
import { RowError } from "../facts/row-error.ts";
import { checkText, countOf, decimalOf } from "../facts/values.ts";
import type { ColumnSpec } from "../manifest/source-fields.ts";

/** How one value is taken out of a record. */
interface BoundColumn {
  /** From 1, for errors; null when it is not one column. */
  readonly column: number | null;
  read(cells: readonly string[]): string;
}

export interface RowOptions {
  /** Texts that mean a missing value. */
  readonly nullValues: readonly string[];
  /** Separator of thousands in numbers. */
  readonly thousands: string | null;
  /** Decimal mark of numbers. */
  readonly decimal: "." | ",";
}

/** One record seen through the columns of a manifest. One instance serves a whole file. */
export class Row {
  readonly #columns: ReadonlyMap<string, BoundColumn>;
  readonly #nulls: ReadonlySet<string>;
  readonly #thousands: string | null;
  readonly #decimal: "." | ",";
  #cells: readonly string[] = [];

  constructor(columns: ReadonlyMap<string, BoundColumn>, options: RowOptions) {
    this.#columns = columns;
    this.#nulls = new Set(options.nullValues);
    this.#thousands = options.thousands;
    this.#decimal = options.decimal;
  }

  use(cells: readonly string[]): void {
    this.#cells = cells;
  }

  columnOf(field: string): number | null {
    return this.#columns.get(field)?.column ?? null;
  }

  /** null when the field is not mapped or its cell means a missing value. */
  optional(field: string): string | null {
    const bound = this.#columns.get(field);
    if (bound === undefined) return null;
    const text = bound.read(this.#cells).trim();
    return this.#nulls.has(text) ? null : text;
  }

  /** Throws RowError `field.missing`. */
  text(field: string): string {
    const text = this.optional(field);
    if (text !== null) return text;
    throw new RowError("field.missing", `${field} is missing`, this.columnOf(field));
  }

  number(field: string): number {
    return decimalOf(this.#plain(this.text(field)), field, this.columnOf(field));
  }

  count(field: string): number {
    return countOf(this.#plain(this.text(field)), field, this.columnOf(field));
  }

  optionalNumber(field: string): number | null {
    const text = this.optional(field);
    return text === null ? null : decimalOf(this.#plain(text), field, this.columnOf(field));
  }

  optionalCount(field: string): number | null {
    const text = this.optional(field);
    return text === null ? null : countOf(this.#plain(text), field, this.columnOf(field));
  }

  /** Text that goes into a fact as it is. */
  label(field: string): string {
    const text = this.text(field);
    checkText(text, field, this.columnOf(field));
    return text;
  }

  optionalLabel(field: string): string | null {
    const text = this.optional(field);
    if (text !== null) checkText(text, field, this.columnOf(field));
    return text;
  }

  #plain(text: string): string {
    const digits = this.#thousands === null ? text : text.replaceAll(this.#thousands, "");
    return this.#decimal === "." ? digits : digits.replace(",", ".");
  }
}

/**
 * Binds the columns of a manifest to a file: names become indices by its header. Throws
 * `recording.source-unreadable` for a name that the header does not hold.
 */
export function bindColumns(
  columns: Readonly<Record<string, ColumnSpec | undefined>>,
  header: readonly string[] | null,
  label: string,
): ReadonlyMap<string, BoundColumn> {
  const bound = new Map<string, BoundColumn>();
  for (const [field, spec] of Object.entries(columns)) {
    if (spec === undefined) continue;
    const index = (name: string | number): number => indexOf(name, header, field, label);
    bound.set(field, bind(spec, index, field));
  }
  return bound;
}

function bind(
  spec: ColumnSpec,
  indexOfName: (name: string | number) => number,
  field: string,
): BoundColumn {
  if (typeof spec !== "object") return plainColumn(indexOfName(spec), field);
  if ("value" in spec) return { column: null, read: () => spec.value };
  if ("join" in spec) {
    const parts = spec.join.map((name) => plainColumn(indexOfName(name), field));
    return {
      column: parts[0]?.column ?? null,
      read: (cells) => parts.map((part) => part.read(cells).trim()).join(spec.separator),
    };
  }
  const whole = plainColumn(indexOfName(spec.column), field);
  const { stripPrefix = "", stripSuffix = "" } = spec;
  return {
    column: whole.column,
    read: (cells) => {
      const text = whole.read(cells).trim();
      if (text.startsWith(stripPrefix) && text.endsWith(stripSuffix)) {
        return text.slice(stripPrefix.length, text.length - stripSuffix.length);
      }
      const expected = `${stripPrefix}...${stripSuffix}`;
      throw new RowError(
        "field.prefix",
        `${field} must be written ${expected}, was "${text}"`,
        whole.column,
      );
    },
  };
}

function plainColumn(index: number, field: string): BoundColumn {
  return {
    column: index + 1,
    read: (cells) => {
      const cell = cells[index];
      if (cell !== undefined) return cell;
      const message = `${field} is column ${index + 1}, the row has ${cells.length}`;
      throw new RowError("row.columns", message, index + 1);
    },
  };
}

function indexOf(
  name: string | number,
  header: readonly string[] | null,
  field: string,
  label: string,
): number {
  if (typeof name === "number") return name;
  const index = header?.indexOf(name) ?? -1;
  if (index >= 0) return index;
  const names = (header ?? []).slice(0, 40).map((text) => JSON.stringify(text));
  const message = `columns.${field} names "${name}", but the header of ${label} holds ${names.join(", ")}`;
  throw new RecordingError("recording.source-unreadable", message, { path: label, field });
}
