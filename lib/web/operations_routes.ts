/** Addresses for those who run the server: whether it lives, and whether it is ready. */
import type { WebPorts } from "./ports.ts";
import { problemResponse } from "./problem.ts";
import type { WebApp } from "./web_app.ts";

export function addOperationsRoutes(app: WebApp, ports: WebPorts): void {
  app.get("/healthz", (c) => c.text("ok\n"));
  app.get("/readyz", (c) => {
    const { troubles } = ports.readStatus();
    if (troubles.length === 0) return c.text("ready\n");
    return problemResponse({ status: 503, detail: troubles.join("; "), members: { troubles } });
  });
}
