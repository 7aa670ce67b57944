/** Bodies of requests that are on their way: so many of an address, so many of all. */
import { assertEquals } from "@std/assert";
import { MAX_ADDRESS_BODIES, MAX_BODIES } from "../../lib/net/web/body_counts.ts";
import type { UpgradeAdmission } from "../../lib/net/web/http_upgrade.ts";
import { MAX_EXCHANGES } from "../../lib/net/web/http_upgrade.ts";
import { comesTrue } from "../support/guard.ts";
import { RawHttpClient, webOf } from "./http_client.ts";

const HEAD = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n";

const admissionOf = (site: string | undefined): UpgradeAdmission => ({
  admit: () => undefined,
  admitRequest: () => undefined,
  takeTokens: () => true,
  charge() {},
  site,
  origin: { host: "192.0.2.7", secure: false },
  hasOneClient: true,
  handleProxyHeader() {},
});

/** Clients of `site` that have sent the head of a request. */
async function beginBodies(
  web: ReturnType<typeof webOf>,
  count: number,
  site: string | undefined,
): Promise<RawHttpClient[]> {
  const clients = Array.from({ length: count }, () => RawHttpClient.over(web, admissionOf(site)));
  for (const client of clients) await client.send(HEAD);
  return clients;
}

async function closeAll(clients: readonly RawHttpClient[]): Promise<void> {
  for (const { conn } of clients) conn.close();
  await Promise.all(clients.map(({ served }) => served));
}

const echo = async (request: Request) => new Response(await request.text());

Deno.test("an address has so many bodies on their way, and one that has come makes room", async () => {
  const web = webOf(echo);
  const slow = await beginBodies(web, MAX_ADDRESS_BODIES, "192.0.2.7");
  await comesTrue("all are read", () => web.exchanges === MAX_ADDRESS_BODIES);
  const [late] = await beginBodies(web, 1, "192.0.2.7");
  const refused = await late!.response();
  assertEquals([refused.status, refused.headers.get("retry-after")], [429, "1"]);
  const [other] = await beginBodies(web, 1, "192.0.2.8");
  await other!.send("other");
  assertEquals((await other!.response()).body, "other");
  const whole = RawHttpClient.over(web, admissionOf("192.0.2.7"));
  await whole.send(`${HEAD}whole`); // a body that is there with its head is no slow one
  assertEquals((await whole.response()).body, "whole");
  await slow[0]!.send("first");
  assertEquals((await slow[0]!.response()).body, "first");
  const [again] = await beginBodies(web, 1, "192.0.2.7");
  await again!.send("again");
  assertEquals((await again!.response()).body, "again");
  await closeAll([...slow, late!, other!, whole, again!]);
});

Deno.test("bodies on their way leave room for requests without one", async () => {
  const web = webOf(echo);
  const slow = await beginBodies(web, MAX_BODIES, undefined);
  await comesTrue("all are read", () => web.exchanges === MAX_BODIES);
  const [late] = await beginBodies(web, 1, undefined);
  const refused = await late!.response();
  assertEquals([refused.status, refused.headers.get("retry-after")], [503, "1"]);
  const quick = RawHttpClient.over(web);
  await quick.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  assertEquals((await quick.response()).status, 200);
  await closeAll([...slow, late!, quick]);
});

Deno.test("a health check is answered while no other request is", async () => {
  const answers: (() => void)[] = [];
  const web = webOf((request) => {
    if (new URL(request.url).pathname === "/healthz") return Promise.resolve(new Response("ok"));
    return new Promise((resolve) => answers.push(() => resolve(new Response("late"))));
  }, { isUrgent: ({ target }) => target === "/healthz" });
  const clients = Array.from({ length: MAX_EXCHANGES }, () => RawHttpClient.over(web));
  for (const client of clients) await client.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
  await comesTrue("all are being answered", () => answers.length === MAX_EXCHANGES);
  const check = RawHttpClient.over(web);
  await check.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  assertEquals((await check.response()).body, "ok");
  for (const answer of answers) answer();
  await closeAll([...clients, check]);
});
