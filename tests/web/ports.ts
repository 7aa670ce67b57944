/** Ports of the web application without a server. */
import type { WebPorts } from "../../lib/web/ports.ts";

export const READY = { troubles: [] };

/** Ports of a server that is ready and knows no tokens; `ports` replace some. */
export function fakePorts(ports: Partial<WebPorts> = {}): WebPorts {
  return {
    policy: { origins: new Set(["https://chat.example"]), names: new Set(["chatterbox.local"]) },
    connect: () => ({ kind: "refused", status: 429, why: "there is no server" }),
    authorize: () => Promise.resolve(undefined),
    readStatus: () => READY,
    readMetrics: () => [],
    reportBug(text) {
      throw new Error(text);
    },
    ...ports,
  };
}
