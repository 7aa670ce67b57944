/** Answers the requests to the HTTP API and to hooks. */
import type { HttpHandler } from "../net/web/http_handler.ts";
import { StreamCounts } from "./api/api_call.ts";
import type { ApiCall, ApiServer } from "./api/api_call.ts";
import { ApiSessions } from "./api/api_session.ts";
import { ApiProblem, apiProblemResponse } from "./api/problem.ts";
import { ResponseBudget } from "./api/response_budget.ts";
import { API_ROUTES } from "./api/routes.ts";
import { sendHook } from "./hooks/hook_post.ts";
import type { WebPorts } from "./ports.ts";

/** Below the time after which proxies close a silent connection: 60 s (nginx), 50 s (HAProxy). */
const HEARTBEAT_MS = 15_000;
/** The rest of the path of a hook is a token. */
const HOOK_PREFIX = "/hook/";

/** The handler for requests with a path and method of `API_PATHS`. */
export function makeApiHandler(ports: Pick<WebPorts, "connect">): HttpHandler {
  const server: ApiServer = {
    sessions: new ApiSessions((host, isSecure) => ports.connect(host, isSecure)),
    streams: new StreamCounts(),
    responses: new ResponseBudget(),
    now: () => Date.now(),
    heartbeatMs: HEARTBEAT_MS,
  };
  return async (request, from) => {
    try {
      return await answer({ server, request, url: new URL(request.url), from });
    } catch (error) {
      if (error instanceof ApiProblem) return apiProblemResponse(error);
      throw error;
    }
  };
}

async function answer(call: ApiCall): Promise<Response> {
  const { request: { method }, url: { pathname } } = call;
  if (pathname.startsWith(HOOK_PREFIX)) return await sendHook(call, pathname.slice(HOOK_PREFIX.length));
  const asked = method === "HEAD" ? "GET" : method;
  const route = API_ROUTES.find((each) => each.path === pathname && each.method === asked);
  if (route === undefined) throw new Error("the path is one of the API, and has no route");
  return await route.run(call);
}
