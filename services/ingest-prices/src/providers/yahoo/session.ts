import type { HttpAnswer } from "@amc/platform/http/exchange";
import type { ProviderAsker } from "@amc/platform/http/provider-client";
import { ProviderError } from "@amc/platform/http/provider-error";

export interface YahooSessionOptions {
  readonly client: ProviderAsker;
  /** `YAHOO_FINANCE_BASE_URL`. */
  readonly baseUrl: string;
  /** `YAHOO_FINANCE_COOKIE_URL`. */
  readonly cookieUrl: string;
}

/** What a question has to carry. Neither is a secret of ours, and neither is recorded. */
export interface YahooPass {
  /** Header. */
  readonly cookie: string;
  /** Parameter; belongs to the cookie. */
  readonly crumb: string;
}

/** The page that gives the cookie is a 404 on purpose. */
const COOKIE_STATUSES = [404];
const CRUMB = /^[\w./\\-]{5,60}$/;

/**
 * What Yahoo wants of whoever asks for statistics or options: a cookie, and a word that it makes for
 * that cookie. Opened when it is first wanted, by one caller for all, and again when Yahoo refuses it.
 */
export class YahooSession {
  readonly #options: YahooSessionOptions;
  #pass: Promise<YahooPass> | null = null;

  constructor(options: YahooSessionOptions) {
    this.#options = options;
  }

  /** The pass in force. Throws ProviderError when there is none to be had. */
  async pass(signal?: AbortSignal): Promise<YahooPass> {
    this.#pass ??= this.#open(signal);
    try {
      return await this.#pass;
    } catch (error) {
      this.#pass = null;
      throw error;
    }
  }

  /** Yahoo refused it: the next one who wants a pass opens another. */
  forget(): void {
    this.#pass = null;
  }

  async #open(signal: AbortSignal | undefined): Promise<YahooPass> {
    const { client, baseUrl, cookieUrl } = this.#options;
    const stopped = signal === undefined ? {} : { signal };
    const { answer: cookie } = await client.ask({
      endpoint: "cookie",
      request: { url: new URL(cookieUrl), accept: ["text/html"], statuses: COOKIE_STATUSES },
      ...{ read: readCookie, parameters: null },
      ...stopped,
    });
    const { answer: crumb } = await client.ask({
      endpoint: "v1/test/getcrumb",
      request: {
        ...{ url: new URL(`${baseUrl}/v1/test/getcrumb`), headers: { cookie } },
        accept: ["text/plain"],
      },
      ...{ read: readCrumb, parameters: null },
      ...stopped,
    });
    return { cookie, crumb };
  }
}

function readCookie({ cookies = [] }: HttpAnswer): string {
  if (cookies.length > 0) return cookies.join("; ");
  throw new ProviderError("provider.unreadable", "Yahoo gave no cookie");
}

function readCrumb({ body }: HttpAnswer): string {
  const crumb = body.toString().trim();
  if (CRUMB.test(crumb)) return crumb;
  throw new ProviderError("provider.unreadable", "Yahoo gave no crumb");
}
