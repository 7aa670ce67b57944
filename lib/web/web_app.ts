/** The web application before it has routes: what holds for every request and every response. */
import { Hono } from "hono";
import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { RequestOrigin } from "../net/web/http_handler.ts";
import { isHostAllowed, isOriginAllowed } from "../net/web/websocket_handshake.ts";
import type { WebPorts } from "./ports.ts";
import { problemResponse } from "./problem.ts";
import type { ResponseCounts } from "./response_counts.ts";

/** Types of the application for its routes: `env` says where the request comes from. */
export interface WebEnv {
  Bindings: RequestOrigin;
}

export type WebApp = Hono<WebEnv>;
export type WebContext = Context<WebEnv>;

/** Headers of every response that does not have them itself. */
const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** An application that refuses requests for other hosts and those of their pages, and answers errors and unknown addresses with problems. */
export function makeWebApp(ports: WebPorts, counts: ResponseCounts): WebApp {
  const app: WebApp = new Hono<WebEnv>();
  app.use(finishResponses(counts), refuseOtherHosts(ports), refuseOtherPages(ports));
  app.notFound(() => problemResponse({ status: 404, detail: "There is nothing at this address." }));
  app.onError((error, c) => {
    ports.reportBug(`${c.req.method} ${routePath(c, -1)}: 500: ${describeBug(error)}`);
    return problemResponse({ status: 500, detail: "The server failed to answer this request." });
  });
  return app;
}

/** The methods of a path as `Allow` lists them: HEAD goes with GET, and OPTIONS with all. */
export function allowedMethods(methods: readonly string[]): string {
  return [...methods.flatMap((each) => each === "GET" ? ["GET", "HEAD"] : each), "OPTIONS"].join(", ");
}

export function optionsResponse(allow: string): Response {
  return new Response(null, { status: 204, headers: { allow } });
}

/** Adds to each path that is for GET alone what answers other methods. */
export function refuseOtherMethods(app: WebApp, paths: readonly string[]): void {
  const allow = allowedMethods(["GET"]);
  for (const path of paths) {
    app.all(path, (c) => {
      if (c.req.method === "OPTIONS") return optionsResponse(allow);
      return problemResponse({ status: 405, detail: `This address takes ${allow}.`, headers: { allow } });
    });
  }
}

/** Counts each response, and sets its headers. */
function finishResponses(counts: ResponseCounts): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    await next();
    counts.count(c.res.status);
    for (const [name, value] of Object.entries(HEADERS)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
  };
}

/** A page that an attacker's domain leads to this server (DNS rebinding) asks for that domain. */
function refuseOtherHosts({ policy }: WebPorts): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    if (isHostAllowed(new URL(c.req.url).host, policy)) return await next();
    return problemResponse({
      status: 421,
      detail: "This server does not answer under this name; to allow it: serve --web-origin https://NAME",
    });
  };
}

/**
 * A page cannot read what it gets of another origin, but sends it what it likes: hooks with wrong tokens would use up
 * the logins of the address. To GET and HEAD a browser adds no Origin unless the page wants to read.
 */
function refuseOtherPages({ policy }: WebPorts): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    const origin = c.req.header("origin");
    if (origin === undefined || isOriginAllowed(origin, new URL(c.req.url).host, policy)) return await next();
    return problemResponse({
      status: 403,
      detail: "Pages of other origins may not ask this server; to allow them: serve --web-origin ORIGIN",
    });
  };
}

/** Kind and place of an error, without its message, which may quote the request. */
function describeBug(error: Error): string {
  const place = /^\s*at (.*)$/m.exec(error.stack ?? "")?.[1];
  return place === undefined ? error.name : `${error.name} at ${place}`;
}
