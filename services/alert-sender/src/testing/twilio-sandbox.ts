import type { ServerResponse } from "node:http";
import { type LocalServer, startServer } from "@amc/platform/http/mock/local-server";

/** No account of anybody. */
export const ACCOUNT_SID = `AC${"5a".repeat(16)}`;
export const AUTH_TOKEN = "7f0e4c21b6d94c0fa3d25e8819ab60c7";
export const FROM = "+12025550199";
/** Numbers that are kept for fiction. */
export const RECIPIENTS = ["+12025550100", "+12025550101"] as const;

/** What the sandbox does with a message, and what it answers. */
export type Behaviour =
  | "takes it"
  | "takes it and hangs up"
  | "takes it and says nothing"
  | "hangs up"
  | { readonly status: number; readonly takes?: boolean; readonly code?: number };

export interface SandboxMessage {
  readonly sid: string;
  readonly to: string;
  readonly from: string;
  readonly body: string;
  readonly createdMs: number;
  status: string;
}

export interface SandboxOptions {
  readonly nowMs: () => number;
  /** What it does with the so-manyth message to a number, from 1. */
  readonly behaviour?: (to: string, count: number) => Behaviour;
  /** What it answers who asks for messages; those that it has unless this says a status. */
  readonly listStatus?: (asked: number) => number;
}

/** Twilio's messages as far as they are used here: it keeps what it took and counts what it was asked. */
export class TwilioSandbox {
  readonly messages: SandboxMessage[] = [];
  readonly #options: SandboxOptions;
  readonly #counts = new Map<string, number>();
  #server: LocalServer | null = null;
  posts = 0;
  asked = 0;
  /** Called with each message before it is answered. */
  onPost: (to: string) => void = () => undefined;

  private constructor(options: SandboxOptions) {
    this.#options = options;
  }

  static async start(options: SandboxOptions): Promise<TwilioSandbox> {
    const sandbox = new TwilioSandbox(options);
    sandbox.#server = await startServer((path, response, body) =>
      sandbox.#answer(path, response, body),
    );
    return sandbox;
  }

  get origin(): string {
    return this.#server?.origin ?? "";
  }

  /** All requests, to whatever address. */
  get requests(): number {
    return this.#server?.requests() ?? 0;
  }

  /** Texts that a number has got. */
  textsTo(number: string): readonly string[] {
    return this.messages.filter(({ to }) => to === number).map(({ body }) => body);
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  #answer(path: string, response: ServerResponse, body: string): void {
    const url = new URL(path, "http://sandbox");
    const login = Buffer.from(`${ACCOUNT_SID}:${AUTH_TOKEN}`).toString("base64");
    const { method, headers } = response.req;
    if (url.pathname !== `/2010-04-01/Accounts/${ACCOUNT_SID}/Messages.json`) {
      reply(response, 404, { code: 20404 });
    } else if (headers.authorization !== `Basic ${login}`) reply(response, 401, { code: 20003 });
    else if (method === "POST") this.#post(response, new URLSearchParams(body));
    else this.#list(response, url);
  }

  #post(response: ServerResponse, form: URLSearchParams): void {
    this.posts += 1;
    const to = form.get("To") ?? "";
    const count = (this.#counts.get(to) ?? 0) + 1;
    this.#counts.set(to, count);
    const does = this.#options.behaviour?.(to, count) ?? "takes it";
    const takes = typeof does === "string" ? does.startsWith("takes") : does.takes === true;
    const message: SandboxMessage = {
      sid: `SM${String(this.posts).padStart(32, "0")}`,
      ...{ to, from: form.get("From") ?? "", body: form.get("Body") ?? "" },
      ...{ createdMs: this.#options.nowMs(), status: "queued" },
    };
    if (takes) this.messages.unshift(message);
    this.onPost(to);
    if (does === "takes it") reply(response, 201, jsonOf(message));
    else if (does === "takes it and says nothing") return;
    else if (typeof does === "string") response.destroy();
    // As the real one: the words of a refusal hold the number.
    else reply(response, does.status, { code: does.code, message: `The number ${to} is not good` });
  }

  #list(response: ServerResponse, url: URL): void {
    this.asked += 1;
    const status = this.#options.listStatus?.(this.asked) ?? 200;
    if (status !== 200) {
      reply(response, status, { code: 20500 });
      return;
    }
    const { searchParams: query } = url;
    const [page, size] = [Number(query.get("Page") ?? 0), Number(query.get("PageSize") ?? 50)];
    const all = this.messages.filter(({ to }) => to === query.get("To"));
    query.set("Page", String(page + 1));
    const next = all.length > (page + 1) * size ? `${url.pathname}${url.search}` : null;
    const messages = all.slice(page * size, (page + 1) * size).map(jsonOf);
    reply(response, 200, { messages, next_page_uri: next });
  }
}

function jsonOf({ createdMs, ...message }: SandboxMessage): object {
  return { ...message, date_created: new Date(createdMs).toUTCString(), date_sent: null };
}

function reply(response: ServerResponse, status: number, json: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(json));
}
