import pg, { type ClientBase } from "pg";

/**
 * Runs a `COPY … TO STDOUT` and hands over its bytes as they come; the driver has no interface for
 * it, but passes the messages of a copy to the query they belong to.
 */
export async function copyOut(
  client: ClientBase,
  text: string,
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const query = new CopyOutQuery(text, take, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
    client.query(query);
  });
}

class CopyOutQuery extends pg.Query {
  readonly #take: (chunk: Uint8Array) => void;

  constructor(
    text: string,
    take: (chunk: Uint8Array) => void,
    ended: (error: Error | null | undefined) => void,
  ) {
    super(text, undefined, ended);
    this.#take = take;
  }

  /** Called by the driver for each data message of a copy. */
  handleCopyData({ chunk }: { readonly chunk: Uint8Array }): void {
    this.#take(chunk);
  }
}
