/** Pages of messages in bytes, and what waits for readers that do not read. */
import { assertEquals, assertThrows } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import { Ring } from "../../../lib/log/ring.ts";
import { MAX_PAGE_BYTES } from "../../../lib/web/api/message_page.ts";
import { ApiProblem } from "../../../lib/web/api/problem.ts";
import {
  MAX_ADDRESS_WAITING_BYTES,
  MAX_WAITING_BYTES,
  ResponseBudget,
} from "../../../lib/web/api/response_budget.ts";
import { pureTest } from "../../support/test.ts";
import { linesOfJson, linkOf } from "./api_server.ts";
import { InProcessApi } from "./in_process.ts";

const RING_BYTES = 8 * 1024 * 1024;
const PATH = "/api/v1/messages?room=ops&limit=1000";

/** A server with `count` messages in #ops, and a token that reads them. */
async function fill(api: InProcessApi, count: number) {
  const alice = await api.enter("alice");
  const token = await api.token(alice, "read:*");
  const said: string[] = [];
  for (let nth = 0; nth < count; nth++) {
    said.push(`tea ${nth}`.padEnd(380, "."));
    await alice.send(`PRIVMSG #ops :${said.at(-1)}`);
    if (nth % 100 === 99) await alice.barrier();
  }
  await alice.barrier();
  alice.take();
  return { alice, token, said };
}

Deno.test("api: a page has a bounded number of bytes, and links to the rest, forwards and backwards", async () => {
  await using api = await InProcessApi.start({ ring: Ring.create(RING_BYTES) });
  const { alice, token, said } = await fill(api, 900);
  const readAll = async (path: string, rel: string) => {
    const pages: string[][] = [];
    for (let at: string | undefined = path; at !== undefined && pages.length < 20;) {
      const response: Response = await api.get(at, { token });
      assertEquals(response.status, 200);
      const copy = response.clone();
      const { length } = await copy.bytes();
      assert(length <= MAX_PAGE_BYTES, `${length} bytes`);
      assertEquals(response.headers.get("content-length"), String(length));
      pages.push((await linesOfJson(response)).map(({ text }) => text));
      at = linkOf(response, rel);
    }
    return pages;
  };
  const forwards = await readAll(`${PATH}&since=1970-01-01T00:00:00Z`, "next");
  assertEquals(forwards.flat(), said);
  const backwards = await readAll(PATH, "prev");
  assertEquals(backwards.toReversed().flat(), said);
  assert(forwards.length > 1 && backwards.length > 1, "they are pages");
  assertEquals((await readAll(`${PATH}&search=tea`, "prev")).toReversed().flat(), said);
  assertEquals(api.charged >= 3 * 900 * 380, true, "their bytes are charged");
  alice.close();
});

Deno.test("api: pages that an address does not read are bounded, and those of others are answered", async () => {
  await using api = await InProcessApi.start({ ring: Ring.create(RING_BYTES) });
  const { alice, token } = await fill(api, 700);
  const unread: Response[] = [];
  const ask = async (from: string) => await api.get(PATH, { token, from });
  for (;;) {
    const response = await ask("127.0.0.1");
    unread.push(response);
    if (response.status !== 200) break;
    assert(unread.length <= MAX_ADDRESS_WAITING_BYTES / 200_000, "there is a bound");
  }
  const refused = unread.pop()!;
  assertEquals([refused.status, (await refused.json()).code], [429, "rate_limited"]);
  assertEquals(refused.headers.get("retry-after"), "1");
  const other = await ask("::1");
  assertEquals(other.status, 200);
  await other.body!.cancel();
  await unread[0]!.body!.cancel();
  await unread[1]!.text();
  const again = await ask("127.0.0.1");
  assertEquals(again.status, 200);
  for (const { body } of [...unread.slice(2), again]) await body!.cancel();
  alice.close();
});

pureTest("api: what waits is counted for each address and for all, until it is read", () => {
  const budget = new ResponseBudget();
  const shares = Array.from({ length: 5 }, (_, nth) => budget.share(`192.0.2.${nth}`));
  shares[0]!.take(MAX_ADDRESS_WAITING_BYTES);
  const more = budget.share("192.0.2.0");
  assertEquals(more.tryTake(1), false);
  assertEquals(assertThrows(() => more.take(1), ApiProblem).code, "rate_limited");
  for (const share of shares.slice(1, 4)) share.take(MAX_ADDRESS_WAITING_BYTES);
  assertEquals(budget.all, MAX_WAITING_BYTES);
  assertEquals(assertThrows(() => shares[4]!.take(1), ApiProblem).code, "unavailable");
  shares[0]!.release(10);
  assertEquals([more.tryTake(10), shares[4]!.tryTake(1)], [true, false]);
  for (const share of [...shares, more]) share.release();
  assertEquals(budget.all, 0);
});
