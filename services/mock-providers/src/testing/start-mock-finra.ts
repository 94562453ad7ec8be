import { type MockServer, startMockServer } from "../mock-server.ts";
import { finraDataOf, mockFinra } from "../providers/finra.ts";

/** A mock of FINRA with the rows of a test. */
export async function startMockFinra(
  given: Parameters<typeof finraDataOf>[0],
): Promise<MockServer> {
  return await startMockServer(mockFinra(finraDataOf(given)));
}
