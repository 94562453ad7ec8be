import { type TableName, tableOf } from "@amc/streams/projections/tables";
import pg, { type ClientBase } from "pg";
import { COMPARED_TABLES, comparedColumns } from "./table-digest.ts";

/** How two versions of one table differ; rows are told apart by their natural key. */
export interface TableDiff {
  readonly table: TableName;
  readonly onlyLeft: number;
  readonly onlyRight: number;
  readonly different: number;
  /** Keys of the first rows that differ, with both sides as JSON; null where there is no row. */
  readonly examples: readonly RowDiff[];
}

export interface RowDiff {
  readonly left: unknown;
  readonly right: unknown;
}

const MAX_EXAMPLES = 5;

/** Differences between the tables of two schemas, table by table; empty when there are none. */
export async function diffSchemas(
  client: ClientBase,
  left: string,
  right: string,
): Promise<TableDiff[]> {
  const diffs: TableDiff[] = [];
  for (const table of COMPARED_TABLES) {
    const diff = await diffTable(client, table, left, right);
    if (diff.onlyLeft + diff.onlyRight + diff.different > 0) diffs.push(diff);
  }
  return diffs;
}

async function diffTable(
  client: ClientBase,
  table: TableName,
  left: string,
  right: string,
): Promise<TableDiff> {
  const counts = await client.query<{ only_left: number; only_right: number; different: number }>(
    `SELECT count(*) FILTER (WHERE NOT on_right)::integer AS only_left,
            count(*) FILTER (WHERE NOT on_left)::integer AS only_right,
            count(*) FILTER (WHERE on_left AND on_right)::integer AS different
     FROM (${differingRows(table, left, right)}) AS differing`,
  );
  const [count = { only_left: 0, only_right: 0, different: 0 }] = counts.rows;
  const isEqual = count.only_left + count.only_right + count.different === 0;
  const examples = isEqual
    ? []
    : (
        await client.query<RowDiff>(
          `SELECT CASE WHEN on_left THEN to_jsonb(left_row) END AS left,
                  CASE WHEN on_right THEN to_jsonb(right_row) END AS right
           FROM (${differingRows(table, left, right)}) AS differing LIMIT ${MAX_EXAMPLES}`,
        )
      ).rows;
  return {
    table,
    onlyLeft: count.only_left,
    onlyRight: count.only_right,
    different: count.different,
    examples,
  };
}

function differingRows(table: TableName, left: string, right: string): string {
  const columns = comparedColumns(table).map(([column]) => column);
  const side = (schema: string) =>
    `(SELECT ${columns.join(", ")} FROM ${pg.escapeIdentifier(schema)}.${table})`;
  const key = tableOf(table).key.map((column) => `left_row.${column} = right_row.${column}`);
  // A row is NULL or not by all its columns at once, so presence is told by a key column.
  const [presence] = tableOf(table).key;
  return `SELECT left_row, right_row, left_row.${presence} IS NOT NULL AS on_left,
      right_row.${presence} IS NOT NULL AS on_right
    FROM ${side(left)} AS left_row FULL JOIN ${side(right)} AS right_row ON ${key.join(" AND ")}
    WHERE left_row IS DISTINCT FROM right_row`;
}
