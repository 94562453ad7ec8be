import { connect, isIP, type Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";

const ANSWER_MS = 3_000;
const DEFAULT_PORT = 6379;

/** Whether a Redis at this URL lets us in and answers PING; `ca` in place of the system's authorities. */
export async function redisAnswers(url: string, ca?: string): Promise<boolean> {
  const { protocol, hostname, port, username, password } = new URL(url);
  const target = { host: hostname, port: port === "" ? DEFAULT_PORT : Number(port) };
  const socket =
    protocol === "rediss:"
      ? connectSecurely({ ...target, ...(isIP(hostname) === 0 && { servername: hostname }), ca })
      : connect(target);
  const login = [username, password].filter((word) => word !== "").map(decodeURIComponent);
  const commands = [...(login.length > 0 ? [["AUTH", ...login]] : []), ["PING"]];
  socket.write(commands.map(encode).join(""));
  return (await firstLines(socket, commands.length)).at(-1) === "+PONG";
}

/** RESP: an array of strings with their lengths in bytes. */
function encode(words: readonly string[]): string {
  const strings = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${strings.join("")}`;
}

function firstLines(socket: Socket, count: number): Promise<string[]> {
  const { promise, resolve } = Promise.withResolvers<string[]>();
  let text = "";
  const finish = () => {
    socket.destroy();
    resolve(text.split("\r\n").slice(0, count));
  };
  socket.setTimeout(ANSWER_MS, finish);
  socket.on("error", finish);
  socket.on("close", finish);
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    if (text.split("\r\n").length > count) finish();
  });
  return promise;
}
