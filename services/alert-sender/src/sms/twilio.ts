import type { HttpAnswer } from "@amc/platform/http/exchange";
import type { ProviderClient } from "@amc/platform/http/provider-client";
import { ProviderError } from "@amc/platform/http/provider-error";
import { readJson } from "@amc/platform/http/read-json";
import { isNumber, isText, listOf, nullOr, recordOf } from "@amc/streams/kernel/json-shape";
import type { TakenMessage, TextMessages } from "./text-messages.ts";

export interface TwilioOptions {
  readonly client: ProviderClient;
  /** `TWILIO_BASE_URL`. */
  readonly baseUrl: string;
  /** `TWILIO_ACCOUNT_SID`, `TWILIO_AUTH_TOKEN` and `TWILIO_FROM_NUMBER`. */
  readonly accountSid: string;
  readonly authToken: string;
  readonly from: string;
}

/** As calls are recorded: the path of Twilio has the account in it. */
const SENDING = "Messages.json";
const ASKING = "Messages.json list";
const PAGE_SIZE = 100;
/** A number that gets more than this in the hour that is looked at gets no help from us. */
const PAGES_MAX = 10;
/** Twilio's clock and ours may differ by so much. */
const CLOCKS_APART_MS = 600_000;
/** Twilio has the message and could not hand it on. */
const FAILED_STATUSES: ReadonlySet<string> = new Set(["failed", "undelivered", "canceled"]);

interface Message {
  readonly sid: string;
  readonly status: string;
  readonly body: string | null;
  readonly date_created: string | null;
}

interface Page {
  readonly messages: readonly Message[];
  readonly next_page_uri: string | null;
}

const isMessage = recordOf<Message>({
  ...{ sid: isText, status: isText, body: nullOr(isText), date_created: nullOr(isText) },
});
const isPage = recordOf<Page>({ messages: listOf(isMessage), next_page_uri: nullOr(isText) });
const isRefusal = recordOf<{ readonly code: number }>({ code: isNumber });

/** Text messages of one account at Twilio, by its REST API of 2010-04-01. */
export class Twilio implements TextMessages {
  readonly #options: TwilioOptions;
  readonly #messages: URL;

  constructor(options: TwilioOptions) {
    this.#options = options;
    const { baseUrl, accountSid } = options;
    this.#messages = new URL(`${baseUrl}/2010-04-01/Accounts/${accountSid}/Messages.json`);
  }

  waitMs(): number {
    return this.#options.client.budget.waitMs();
  }

  async send(to: string, text: string, signal: AbortSignal): Promise<TakenMessage> {
    const { client, from } = this.#options;
    const body = new URLSearchParams({ To: to, From: from, Body: text }).toString();
    const headers = { ...this.#login(), "content-type": "application/x-www-form-urlencoded" };
    const { answer } = await client.ask({
      // Its answers hold numbers and texts: they are kept by nobody.
      ...{ endpoint: SENDING, parameters: null },
      request: {
        ...{ url: this.#messages, method: "POST", headers, body },
        ...{ accept: ["application/json"], statuses: [400] },
      },
      read: (http: HttpAnswer) => {
        if (http.status === 400) throw refused(http);
        return takenOf(inShape(isMessage, http));
      },
      signal,
    });
    return answer;
  }

  /**
   * The list is not narrowed to a date: `DateSent` is null as long as a message is queued, and a message that
   * is left out would be sent twice.
   */
  async find(
    to: string,
    code: string,
    sinceMs: number,
    signal: AbortSignal,
  ): Promise<TakenMessage | null> {
    const first = new URL(this.#messages);
    first.search = new URLSearchParams({ To: to, PageSize: String(PAGE_SIZE) }).toString();
    const beforeMs = sinceMs - CLOCKS_APART_MS;
    let url: URL | null = first;
    for (let pages = 0; pages < PAGES_MAX && url !== null; pages += 1) {
      const page: Page = await this.#page(url, signal);
      const found = page.messages.find(({ body }) => body?.trimEnd().endsWith(code));
      if (found !== undefined) return takenOf(found);
      // The newest come first: behind a page that is too old there is nothing to find.
      const isOld = page.messages.length > 0 && page.messages.every(createdBefore(beforeMs));
      url = isOld ? null : this.#nextOf(page);
    }
    if (url === null) return null;
    const message = `more than ${PAGES_MAX * PAGE_SIZE} messages to one number: whether it has this one is not known`;
    throw new ProviderError("provider.unreadable", message);
  }

  async #page(url: URL, signal: AbortSignal): Promise<Page> {
    const { answer } = await this.#options.client.ask({
      ...{ endpoint: ASKING, parameters: null },
      request: { url, headers: this.#login(), accept: ["application/json"] },
      read: (http: HttpAnswer) => inShape(isPage, http),
      signal,
    });
    return answer;
  }

  /** The login goes with it, so it has to be where the first page was. */
  #nextOf({ next_page_uri: uri }: Page): URL | null {
    if (uri === null) return null;
    const { origin, href } = this.#messages;
    if (URL.canParse(uri, href) && new URL(uri, href).origin === origin) return new URL(uri, href);
    throw new ProviderError("provider.unreadable", "the next page of messages is somewhere else");
  }

  #login(): { readonly authorization: string } {
    const { accountSid, authToken } = this.#options;
    const login = Buffer.from(`${accountSid}:${authToken}`).toString("base64");
    return { authorization: `Basic ${login}` };
  }
}

function createdBefore(instantMs: number): (message: Message) => boolean {
  return ({ date_created: created }) => created !== null && Date.parse(created) < instantMs;
}

function takenOf({ sid, status }: Message): TakenMessage {
  return { sid, failed: FAILED_STATUSES.has(status) };
}

/** With Twilio's number of the reason, and without its words: they hold the number that was refused. */
function refused(http: HttpAnswer): ProviderError {
  const json = readJson(http);
  const facts = isRefusal(json) ? { status: 400, reason: json.code } : { status: 400 };
  const reason = isRefusal(json) ? ` with error ${json.code}` : "";
  return new ProviderError("provider.bad-request", `Twilio refuses the message${reason}`, facts);
}

function inShape<Shape>(check: (json: unknown) => json is Shape, http: HttpAnswer): Shape {
  const json = readJson(http);
  if (check(json)) return json;
  throw new ProviderError("provider.unreadable", "the answer is not Twilio's");
}
