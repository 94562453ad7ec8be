/** The part of the Avro schema language that this project uses, as parsed from `.avsc` files. */
export type AvroSchema = string | AvroNode | readonly AvroSchema[];

export interface AvroNode {
  readonly type: AvroSchema;
  readonly name?: string;
  readonly namespace?: string;
  readonly doc?: string;
  readonly fields?: readonly AvroField[];
  readonly symbols?: readonly string[];
  readonly items?: AvroSchema;
  /** Cap of an array; ours, other readers ignore it like other unknown attributes. */
  readonly maxItems?: number;
  readonly logicalType?: string;
  readonly default?: unknown;
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroSchema;
  readonly doc?: string;
  readonly default?: unknown;
}
