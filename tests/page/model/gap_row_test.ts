import { assertEquals } from "@std/assert";
import type { GapEntry } from "../../../lib/client/conversation/model/chat_entry.ts";
import type { ChatSession } from "../../../lib/page/state/chat_session.ts";
import { RowView } from "../../../lib/page/ui/row_view.tsx";
import { pureTest } from "../../support/test.ts";

/** Whether the row of the gap is red, and offers to load what is missing. */
function render(known: Pick<GapEntry, "count" | "why">): { isRed: boolean; isOffered: boolean } {
  const gap: GapEntry = {
    kind: "gap",
    time: 0,
    target: "#a",
    most: undefined,
    after: undefined,
    before: undefined,
    ...known,
  };
  const row = { kind: "gap", key: "1", time: 0, text: "gap", gap } as const;
  const drawn = Deno.inspect(RowView({ row, session: {} as ChatSession, isTarget: false }), { depth: 9 });
  return { isRed: drawn.includes("event-gap"), isOffered: drawn.includes("Try to load them") };
}

pureTest(
  "gap row: red where messages are lost for sure, with a button where they may be in an archive",
  () => {
    assertEquals(render({ count: undefined, why: "restart" }), { isRed: false, isOffered: false });
    assertEquals(render({ count: 3, why: "restart" }), { isRed: true, isOffered: false });
    assertEquals(render({ count: undefined, why: "overwritten" }), { isRed: false, isOffered: true });
    assertEquals(render({ count: 3, why: "overwritten" }), { isRed: true, isOffered: true });
  },
);
