/** The address of the page that the server tells its clients. */
import { assertEquals } from "@std/assert";
import { pageUrl } from "../../lib/server/listen/listeners.ts";
import type { WebAddress } from "../../lib/server/settings/web_flags.ts";
import { pureTest } from "../support/test.ts";

function urlOf(origins: readonly string[], ...open: readonly WebAddress[]): string | undefined {
  return pageUrl({ web: { addresses: open, isDefault: false, origins: new Set(origins) } }, open);
}

const LOCAL = { kind: "tcp", host: "127.0.0.1", port: 6680 } as const;
const SECURE = { kind: "tls", host: "0.0.0.0", port: 8443 } as const;

pureTest("page address: the first origin that is one, else a listener, by TLS if there is one", () => {
  assertEquals(urlOf([], LOCAL), "http://127.0.0.1:6680");
  assertEquals(urlOf(["*"], LOCAL), "http://127.0.0.1:6680");
  assertEquals(urlOf(["*", "https://chat.example", "https://b.example"], LOCAL), "https://chat.example");
  assertEquals(urlOf([], LOCAL, SECURE), "https://*:8443");
  assertEquals(urlOf([], { ...LOCAL, host: "::" }), "http://*:6680");
  assertEquals(urlOf([], { ...LOCAL, host: "::1" }), "http://[::1]:6680");
});

pureTest("page address: there is none without a listener", () => {
  assertEquals([urlOf([]), urlOf(["https://chat.example"])], [undefined, undefined]);
});
