import { RequestsInHand } from "@amc/query-api/http/requests-in-hand";

// `amc` whose API ends without waiting for what it has in hand.
RequestsInHand.prototype.ended = async () => 0;
await import("../main.ts");
