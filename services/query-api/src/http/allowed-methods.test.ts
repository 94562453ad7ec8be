import { describe, expect, it } from "vitest";
import { allowedMethods } from "./allowed-methods.ts";

const ROUTES = [
  { method: "GET", url: "/runs" },
  { method: "HEAD", url: "/runs" },
  { method: "POST", url: "/runs" },
  { method: "GET", url: "/runs/:id" },
  { method: "GET", url: "/" },
];

describe("the methods of a path", () => {
  it.each([
    ["/runs", ["GET", "HEAD", "POST"]],
    ["/runs/4711", ["GET"]],
    ["/", ["GET"]],
    ["/runs/", []],
    ["/runs/4711/more", []],
    ["/RUNS", []],
    ["", []],
  ])("of %j are %j", (path, methods) => {
    expect(allowedMethods(ROUTES, path)).toEqual(methods);
  });
});
