/** The web application: routes of all areas. Loaded only by a server that has a web listener. */
import type { HttpHandler } from "../net/web/http_handler.ts";
import { addPageRoutes } from "./page_routes.ts";
import { addApiRoutes } from "./api_routes.ts";
import { addOperationsRoutes } from "./operations_routes.ts";
import type { WebPorts } from "./ports.ts";
import { ResponseCounts } from "./response_counts.ts";
import { makeWebApp, refuseOtherMethods } from "./web_app.ts";

/** Makes what answers the HTTP requests of the web listeners. */
export function makeWebHandler(ports: WebPorts): HttpHandler {
  const counts = new ResponseCounts();
  const app = makeWebApp(ports, counts);
  addOperationsRoutes(app, ports, counts);
  addPageRoutes(app);
  refuseOtherMethods(app, ["/", "/assets/:name", "/healthz", "/readyz", "/metrics"]);
  addApiRoutes(app, ports);
  return async (request, from) => await app.fetch(request, from);
}
