import type { Statement } from "./statement.ts";
import type { WireBuffer } from "./wire-buffer.ts";

/** Codes of messages to the server: PostgreSQL manual, "Message Formats". */
const CLOSE = 67;
const PARSE = 80;
const BIND = 66;
const EXECUTE = 69;
const SYNC = 83;
const OF_A_STATEMENT = "S";
const BINARY = 1;

/** Messages that run a statement: Bind and Execute, and before the first time Parse. */
export function writeStatement(
  wire: WireBuffer,
  { name, text, parameters }: Statement,
  isPrepared: boolean,
): void {
  if (!isPrepared) {
    // After a failure nobody knows which statements were prepared; closing one that was not is no error.
    writeMessage(wire, CLOSE, () => writeString(wire, `${OF_A_STATEMENT}${name}`));
    writeMessage(wire, PARSE, () => {
      writeString(wire, name);
      writeString(wire, text);
      // Types of parameters are in the text.
      wire.int16(0);
    });
  }
  writeMessage(wire, BIND, () => {
    writeString(wire, UNNAMED_PORTAL);
    writeString(wire, name);
    // One format for all parameters; none for results, which are text then.
    wire.int16(1);
    wire.int16(BINARY);
    wire.int16(parameters.length);
    for (const parameter of parameters) {
      const start = wire.openLength();
      parameter(wire);
      wire.closeLength(start);
    }
    wire.int16(0);
  });
  writeMessage(wire, EXECUTE, () => {
    writeString(wire, UNNAMED_PORTAL);
    wire.int32(ALL_ROWS);
  });
}

const UNNAMED_PORTAL = "";
const ALL_ROWS = 0;

/** The end of a series: the server answers with what became of it and is ready for the next. */
export function writeSync(wire: WireBuffer): void {
  writeMessage(wire, SYNC, () => undefined);
}

function writeMessage(wire: WireBuffer, code: number, writeBody: () => void): void {
  wire.byte(code);
  const start = wire.openLength();
  writeBody();
  // The length of a message counts itself.
  wire.closeLength(start, 4);
}

function writeString(wire: WireBuffer, text: string): void {
  wire.text(text);
  wire.byte(0);
}
