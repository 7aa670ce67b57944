/**
 * Addresses for those who run the server: whether it lives, whether it is ready, and its metrics. What they say of the
 * server is for this machine, and elsewhere for tokens with the scope `metrics`.
 */
import { AddressSet, LOOPBACK } from "../base/ip.ts";
import { authorizeBearer, insufficientScope } from "./bearer.ts";
import { formatMetrics, METRICS_TYPE } from "./metrics_text.ts";
import type { WebPorts } from "./ports.ts";
import { problemResponse } from "./problem.ts";
import type { ResponseCounts } from "./response_counts.ts";
import type { WebApp, WebContext } from "./web_app.ts";

const METRICS_SCOPE = "metrics";
const loopback = new AddressSet(LOOPBACK);

export function addOperationsRoutes(app: WebApp, ports: WebPorts, counts: ResponseCounts): void {
  app.get("/healthz", (c) => c.text("ok\n"));
  app.get("/readyz", async (c) => {
    const { troubles } = ports.readStatus();
    if (troubles.length === 0) return c.text("ready\n");
    if (await refuseStranger(c, ports) !== undefined) {
      return problemResponse({ status: 503, detail: "The server is not ready." });
    }
    return problemResponse({ status: 503, detail: troubles.join("; "), members: { troubles } });
  });
  app.get("/metrics", async (c) => {
    const refusal = await refuseStranger(c, ports);
    if (refusal !== undefined) return refusal;
    return c.body(formatMetrics([...ports.readMetrics(), counts.metric]), 200, {
      "content-type": METRICS_TYPE,
    });
  });
}

/** The response to a client of another machine without a token that allows it; undefined: it may know. */
async function refuseStranger(c: WebContext, ports: WebPorts): Promise<Response | undefined> {
  if (loopback.has(c.env.host)) return undefined;
  const grant = await authorizeBearer(c.req.raw, c.env, ports);
  if (grant instanceof Response) return grant;
  return grant.scopes.includes(METRICS_SCOPE) ? undefined : insufficientScope(METRICS_SCOPE);
}
