import type { HttpAnswer } from "@amc/platform/http/exchange";
import type { Captured, ProviderAsker } from "@amc/platform/http/provider-client";
import { ProviderError } from "@amc/platform/http/provider-error";
import { readJson } from "@amc/platform/http/read-json";
import { z } from "zod";
import { readStatement } from "../../statement/read-statement.ts";
import { type Statement, StatementError } from "../../statement/statement.ts";

export interface AlpacaOptions {
  readonly client: ProviderAsker;
  /** `ALPACA_BASE_URL`. */
  readonly baseUrl: string;
  /** `ALPACA_API_KEY_ID` and `ALPACA_API_SECRET_KEY`; sent as headers, never in an address. */
  readonly keyId: string;
  readonly secretKey: string;
  /** Name under which the positions are kept. */
  readonly account: string;
}

/** What an account at Alpaca holds. */
export interface AlpacaPositions {
  /** Names every share that is held: what it does not name is closed. */
  readonly statement: Statement;
  /** Options and coins: no symbol of an exchange is theirs. */
  readonly otherAssets: number;
}

/** Alpaca lists some 11,000 shares and says about 1 kB of each position. */
const BODY_BYTES_MAX = 16_000_000;
const EQUITY = "us_equity";
const ROWS = z.array(z.looseObject({ asset_class: z.string() }));
/** What a position without these would say is not known; a file may leave them out. */
const STATED = z.object({
  symbol: z.string(),
  qty: z.string(),
  side: z.enum(["long", "short"]),
  avg_entry_price: z.string(),
});

/** Reads the positions of one account at Alpaca. It asks that one address and can order nothing. */
export class Alpaca {
  readonly #options: AlpacaOptions;

  constructor(options: AlpacaOptions) {
    this.#options = options;
  }

  /**
   * All open positions as of the answer. Throws ProviderError: `provider.unreadable` when one row is not
   * as documented, because of a statement with a row missing the position would count as closed.
   */
  async positions(signal?: AbortSignal): Promise<AlpacaPositions> {
    const { client, baseUrl, keyId, secretKey, account } = this.#options;
    const { answer } = await client.ask({
      endpoint: "v2/positions",
      // What an account holds is nobody's to keep, and no fact could be made of it anew.
      parameters: null,
      request: {
        url: new URL(`${baseUrl}/v2/positions`),
        headers: { "apca-api-key-id": keyId, "apca-api-secret-key": secretKey },
        accept: ["application/json"],
      },
      read: (http: HttpAnswer, captured: Captured) =>
        readPositions(http, { account, simulated: client.simulated, captured }),
      maxBodyBytes: BODY_BYTES_MAX,
      ...(signal === undefined ? {} : { signal }),
    });
    return answer;
  }
}

interface Asked {
  readonly account: string;
  readonly simulated: boolean;
  readonly captured: Captured;
}

function readPositions(http: HttpAnswer, { account, simulated, captured }: Asked): AlpacaPositions {
  const rows = inShape(ROWS, readJson(http));
  const shares = rows.filter(({ asset_class: assetClass }) => assetClass === EQUITY);
  inShape(z.array(STATED), shares);
  const statement = statementOf(shares, account, captured.at);
  const { at: capturedAtMs, latencyMs: providerLatencyMs } = captured;
  return {
    statement: {
      ...statement,
      ...{ source: "alpaca", capturedAtMs, providerLatencyMs, simulated },
    },
    otherAssets: rows.length - shares.length,
  };
}

/** As a file with the same rows is read; `ignored` are members that every answer has. */
function statementOf(shares: readonly unknown[], account: string, capturedAtMs: number): Statement {
  const asOf = new Date(capturedAtMs).toISOString();
  const bytes = new TextEncoder().encode(JSON.stringify(shares));
  try {
    return readStatement(bytes, { format: "json", account, asOf, capturedAtMs });
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    throw unreadable(error.message);
  }
}

function inShape<Shape>(schema: z.ZodType<Shape>, json: unknown): Shape {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unreadable(`${issue?.path.join(".") || "answer"}: ${issue?.message}`);
}

function unreadable(reason: string): ProviderError {
  return new ProviderError("provider.unreadable", `the answer is not Alpaca's: ${reason}`);
}
