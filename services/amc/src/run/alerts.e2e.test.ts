import { requestOf } from "@amc/alert-sender/testing/requested-alerts";
import {
  ACCOUNT_SID,
  AUTH_TOKEN,
  FROM,
  RECIPIENTS,
  TwilioSandbox,
} from "@amc/alert-sender/testing/twilio-sandbox";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { openRealStack, type RealStack, stackParts } from "../testing/real-stack.ts";
import { ServiceProcess, until } from "../testing/service-process.ts";

// A killed member is missed after ten seconds, and what it was about to send is asked about after thirty.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const skipped = stackParts.map((part) => part.skipped).join("");
const isMissing = stackParts.some(({ address }) => address === null);
const [TO] = RECIPIENTS;

interface Row {
  readonly status: string;
  readonly attempt: number;
  readonly recipient: string | null;
  readonly reference: string | null;
}

describe.skipIf(isMissing)(`text messages of services on Kafka${skipped}`, () => {
  let stack: RealStack;
  let sandbox: TwilioSandbox;
  let isSilent = false;

  beforeAll(async () => {
    sandbox = await TwilioSandbox.start({
      nowMs: Date.now,
      behaviour: () => (isSilent ? "takes it and says nothing" : "takes it"),
    });
    stack = await openRealStack();
  });
  afterAll(async () => {
    await stack?.close();
    await sandbox?.close();
  });

  const start = (service: "alerts" | "projector"): ServiceProcess => {
    const started = new ServiceProcess([service], {
      ...stack.environment,
      ...{ TWILIO_ACCOUNT_SID: ACCOUNT_SID, TWILIO_AUTH_TOKEN: AUTH_TOKEN },
      ...{ TWILIO_FROM_NUMBER: FROM, TWILIO_RECIPIENTS: TO, TWILIO_BASE_URL: sandbox.origin },
    });
    onTestFinished(() => started.kill());
    return started;
  };

  /** An alert of now, each writing of it an event of the same id. */
  async function request(symbol: string, writings: number): Promise<void> {
    const alert = requestOf({ symbol, happenedAt: Date.now() });
    for (let written = 0; written < writings; written += 1) {
      await stack.log.commit({ appends: [alert] });
    }
  }

  async function rowsOf(symbol: string): Promise<readonly Row[]> {
    const client = new pg.Client({ connectionString: stack.database.url("migrator") });
    await client.connect();
    const { rows } = await client.query<Row>(
      `SELECT status, attempt, recipient, reference FROM read_model.alert_deliveries
       WHERE symbol = $1 AND channel = 'sms' ORDER BY happened_at`,
      [symbol],
    );
    await client.end();
    return rows;
  }

  const textsOf = (symbol: string) =>
    sandbox.textsTo(TO).filter((text) => text.startsWith(`${symbol} `));

  it("are one row and one message for one event that was written three times (R-ARC-12)", async () => {
    const projector = start("projector");
    await projector.said("service");
    const alerts = start("alerts");
    await request("GME", 3);
    await until(
      async () => (await rowsOf("GME")).length > 0,
      () => alerts.log.slice(-3_000) + projector.log.slice(-1_000),
    );
    // Behind it in every partition: whatever else there was of the first is there as well.
    for (const symbol of ["AMC", "BB", "KOSS", "NOK"]) await request(symbol, 1);
    for (const symbol of ["AMC", "BB", "KOSS", "NOK"]) {
      await until(async () => (await rowsOf(symbol)).length > 0);
    }
    expect(textsOf("GME")).toHaveLength(1);
    const reference = sandbox.messages.find(({ body }) => body.startsWith("GME "))?.sid;
    expect(await rowsOf("GME")).toEqual([
      { status: "sent", attempt: 1, recipient: "+1202•••0100", reference },
    ]);
  });

  it("are one message when a service is killed while it sends and another goes on", async () => {
    const projector = start("projector");
    await projector.said("service");
    const killed = start("alerts");
    await killed.said("service");
    isSilent = true;
    const posted = new Promise<void>((resolve) => {
      sandbox.onPost = () => resolve();
    });
    await request("SPCE", 1);
    await posted;
    await killed.kill();
    isSilent = false;
    const next = start("alerts");
    await until(
      async () => (await rowsOf("SPCE")).length > 0,
      () => next.log.slice(-3_000),
    );
    expect(textsOf("SPCE")).toHaveLength(1);
    expect(await rowsOf("SPCE")).toMatchObject([{ status: "sent", attempt: 1 }]);
  });
});
