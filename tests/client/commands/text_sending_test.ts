import { assertEquals } from "@std/assert";
import { planSending } from "../../../lib/client/commands/messages/text_sending.ts";
import { makeChat } from "../../support/chat/test_chat.ts";
import { ViewRun } from "../../tui/view_run.ts";
import { pureTest } from "../../support/test.ts";

pureTest("sending plan: where a line goes, as as many messages as are sent then", async () => {
  const alice = await new ViewRun().settle();
  const lines = Array.from({ length: 250 }, (_, nth) => `line ${nth}`).join("\n");
  const plan = (line: string) => planSending(alice.chat, line);
  assertEquals(plan(lines), { target: "#lobby", messageCount: 250 }, "a server without multiline messages");
  alice.update((chat, now) =>
    chat.handleConnected(
      {
        nick: "alice",
        caps: new Set(["draft/multiline", "batch", "labeled-response", "message-tags", "echo-message"]),
        isClaimed: false,
        capValue: () => "max-bytes=40000,max-lines=100",
      },
      true,
      now,
    )
  );
  await alice.settle();
  assertEquals(plan(lines), { target: "#lobby", messageCount: 3 });
  assertEquals(plan("//" + lines), { target: "#lobby", messageCount: 3 }, "text");
  assertEquals(plan("/me " + lines), undefined, "a command");
  alice.takeSent();
  await alice.type(lines);
  assertEquals(alice.takeSent().filter((line) => /BATCH \+/.test(line)).length > 0, true, "batches are sent");
  assertEquals(alice.chat.outbox.size <= 3, true);
  assertEquals(planSending(makeChat({ home: undefined }), "a"), undefined, "nowhere");
  alice.close();
});
