/** The sessions of a front: those of clients that have left are kept within bounds. */
import { assertEquals } from "@std/assert";
import type { FrontSession } from "../../lib/front/front_session.ts";
import { MAX_ENDED_BYTES, MAX_ENDED_SESSIONS, SessionTable } from "../../lib/front/session_table.ts";

function makeTable() {
  const table = new SessionTable(() => {});
  const leave = (keptBytes: number) => {
    const session = { number: 0, keptBytes, line: {} } as unknown as FrontSession;
    table.add(session, { kind: "exempt" });
    table.release(session);
    table.keepEnded(session);
    return session;
  };
  return { table, leave };
}

Deno.test("session table: of the sessions that have ended the newest are kept, by number and by bytes", () => {
  const { table, leave } = makeTable();
  const first = leave(1);
  for (let n = 1; n < MAX_ENDED_SESSIONS; n++) leave(1);
  assertEquals([table.all().length, table.get(first.number)], [MAX_ENDED_SESSIONS, first]);
  leave(1);
  assertEquals([table.all().length, table.get(first.number)], [MAX_ENDED_SESSIONS, undefined]);
  const large = leave(MAX_ENDED_BYTES - 1);
  assertEquals(table.all().length, 2);
  table.forget(large);
  leave(MAX_ENDED_BYTES - 1);
  assertEquals(table.all().length, 2, "what is forgotten does not count");
  leave(MAX_ENDED_BYTES);
  assertEquals(table.all().length, 1);
  assertEquals(table.whyFull(1, false), undefined, "a client that has left takes no other one's place");
});
