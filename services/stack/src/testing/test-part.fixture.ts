/** A test run in small: asks for Kafka, says where its servers live and waits to be killed. */
import { testPart } from "./test-part.ts";

const { address, skipped } = await testPart("kafka");
process.stdout.write(`${JSON.stringify({ address, skipped })}\n`);
process.stdin.resume();
