import type { z } from "zod";
import { RowRefusal } from "./collected.ts";

/** A row in the shape that a provider documents. Throws RowRefusal `code`, naming the field. */
export function shapedRow<Row>(schema: z.ZodType<Row>, row: unknown, code: string): Row {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RowRefusal(code, `${issue?.path.join(".") || "row"}: ${issue?.message}`);
}

/** What a row calls its symbol, for refusals; null when it has none. */
export function statedText(row: unknown, field: string): string | null {
  if (typeof row !== "object" || row === null) return null;
  const value: unknown = Reflect.get(row, field);
  return typeof value === "string" ? value : null;
}
