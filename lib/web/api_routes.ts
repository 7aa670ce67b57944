/** The HTTP API (`/api/v1`) and hooks (`/hook`) as routes of the web application. */
import { StreamCounts } from "./api/api_call.ts";
import type { ApiCall, ApiServer } from "./api/api_call.ts";
import { ApiSessions } from "./api/api_session.ts";
import { ApiProblem, apiProblemResponse } from "./api/problem.ts";
import { API_ROUTES } from "./api/routes.ts";
import { postHook } from "./hooks/hook_post.ts";
import type { WebPorts } from "./ports.ts";
import type { WebApp, WebContext } from "./web_app.ts";

/** Below the time after which proxies close a silent connection: 60 s (nginx), 50 s (HAProxy). */
const HEARTBEAT_MS = 15_000;
/** Path of a hook: its last part is a token. */
const HOOK_PATH = "/hook/:token";

export function addApiRoutes(app: WebApp, ports: WebPorts): void {
  const server: ApiServer = {
    sessions: new ApiSessions((host, isSecure) => ports.connect(host, isSecure)),
    streams: new StreamCounts(),
    now: () => Date.now(),
    heartbeatMs: HEARTBEAT_MS,
  };
  const answer = (c: WebContext, run: (call: ApiCall) => Promise<Response>) =>
    respond({ server, request: c.req.raw, url: new URL(c.req.url), from: c.env }, run);
  for (const { method, path, run } of API_ROUTES) app.on(method, path, (c) => answer(c, run));
  app.post(HOOK_PATH, (c) => answer(c, (call) => postHook(call, c.req.param("token"))));
  for (const path of new Set(API_ROUTES.map((route) => route.path))) {
    app.all(path, () => refuseMethod(API_ROUTES.flatMap((route) => route.path === path ? route.method : [])));
  }
  app.all(HOOK_PATH, () => refuseMethod(["POST"]));
}

async function respond(call: ApiCall, run: (call: ApiCall) => Promise<Response>): Promise<Response> {
  try {
    return await run(call);
  } catch (error) {
    if (error instanceof ApiProblem) return apiProblemResponse(error);
    throw error;
  }
}

function refuseMethod(methods: readonly string[]): Response {
  const allow = methods.join(", ");
  return apiProblemResponse(
    new ApiProblem("method_not_allowed", `this path takes ${allow}`, { headers: { allow } }),
  );
}
