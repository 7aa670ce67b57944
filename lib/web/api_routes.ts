/** The paths of the HTTP API and of hooks. What answers them is loaded with the first request. */
import type { HttpHandler } from "../net/web/http_handler.ts";
import { ApiProblem, apiProblemResponse } from "./api/problem.ts";
import type { WebPorts } from "./ports.ts";
import { allowedMethods, optionsResponse } from "./web_app.ts";
import type { WebApp } from "./web_app.ts";

/** Methods by path; the last part of a hook's path is a token. */
export const API_PATHS: Readonly<Record<string, readonly ("GET" | "POST" | "PUT")[]>> = {
  "/api/v1/messages": ["GET", "POST"],
  "/api/v1/people": ["GET"],
  "/api/v1/rooms": ["GET"],
  "/api/v1/openapi.json": ["GET"],
  "/hook/:token": ["POST", "PUT"],
};

export function addApiRoutes(app: WebApp, ports: WebPorts): void {
  let loading: Promise<HttpHandler> | undefined;
  const load = async () => (await import("./api_handler.ts")).makeApiHandler(ports);
  for (const [path, methods] of Object.entries(API_PATHS)) {
    app.on([...methods], path, async (c) => (await (loading ??= load()))(c.req.raw, c.env));
    app.all(path, (c) => refuseMethod(c.req.method, allowedMethods(methods)));
  }
}

/** 405, or what OPTIONS asks for (RFC 9110 section 9.3.7). */
function refuseMethod(method: string, allow: string): Response {
  if (method === "OPTIONS") return optionsResponse(allow);
  return apiProblemResponse(
    new ApiProblem("method_not_allowed", `this path takes ${allow}`, { headers: { allow } }),
  );
}
