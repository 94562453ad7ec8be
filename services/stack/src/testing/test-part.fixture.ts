/** A test run in small: asks for parts, says where they answer and waits to be killed. */
import { isPartName } from "../parts.ts";
import { testPart } from "./test-part.ts";

const asked = process.argv.slice(2).filter(isPartName);
const answers = await Promise.all(asked.map(testPart));
// After what was said of its servers, and by the same way, so that the order is certain.
process.stderr.write(`${JSON.stringify(answers)}\n`);
process.stdin.resume();
