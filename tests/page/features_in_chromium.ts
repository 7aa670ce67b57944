/** What a page offers beside saying something, in a real Chromium. Run by chromium_test.ts. */
/// <reference lib="dom" />
import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { comesTrue } from "../support/guard.ts";
import { selfSigned } from "../support/certificates.ts";
import { checkAccess, pageTest, say, typeIntoField } from "./chat_pages.ts";

pageTest(
  "people are listed with ranks and presence, and a direct conversation tells of the other",
  async (chat) => {
    const carol = await chat.client("carol");
    for (const line of ["JOIN #tea", "AWAY :at lunch"]) await carol.send(line);
    await carol.barrier();
    const alice = await chat.enter("alice");
    await alice.getByLabel("Enter or make a room").click();
    await typeIntoField(alice, "tea\n");
    await alice.getByRole("heading", { name: "#tea", exact: true }).waitFor();
    await alice.getByLabel("People in this room").click();
    const hers = alice.locator(".panel .item", { hasText: "carol" });
    await alice.getByText("2, 1 away").waitFor();
    await hers.getByText("operator").waitFor();
    await hers.hover();
    await alice.locator('.panel .item[title="away: at lunch"]').waitFor();
    await checkAccess(alice, "people");
    await carol.send("MODE #tea +v alice");
    await alice.locator(".panel .item", { hasText: "alice" }).getByText("voice, you").waitFor();
    await carol.send("AWAY");
    await alice.locator(".panel .dot-online").nth(1).waitFor();
    await hers.click();
    await alice.locator(".head-topic", { hasText: "online" }).waitFor();
    await say(alice, "are you there?");
    await carol.send("AWAY :back at two");
    await alice.locator(".head-topic", { hasText: /^away since \d\d:\d\d: back at two$/ }).waitFor();
    await alice.locator(".sidebar .item", { hasText: "carol" }).locator(".dot-away").waitFor();
    await carol.send("QUIT");
    await alice.locator(".head-topic", { hasText: /^offline since \d\d:\d\d$/ }).waitFor();
    await checkAccess(alice, "person offline");
  },
);

pageTest("emoji are searched, picked by keyboard, remembered, and taken back", async (chat) => {
  const alice = await chat.enter("alice");
  await say(alice, "first");
  const row = alice.locator("article", { hasText: "first" });
  await row.locator(".mark-durable").waitFor();
  await row.focus();
  await alice.keyboard.press("+");
  await checkAccess(alice, "picker");
  await typeIntoField(alice, "rock");
  await alice.getByLabel("React with 🚀").waitFor();
  await alice.keyboard.press("ArrowDown");
  await alice.keyboard.press("Enter");
  await row.getByLabel("🚀 1: alice").waitFor();
  await alice.keyboard.press("+");
  await alice.locator(".picker-group").first().getByLabel("React with 🚀").waitFor();
  await alice.keyboard.press("Escape");
  assertEquals(await alice.locator(".picker").count(), 0);
  await alice.keyboard.press("+");
  await typeIntoField(alice, "🪿\n");
  await row.getByLabel("🪿 1: alice").click();
  await row.getByLabel("🪿").waitFor({ state: "detached" });
  await alice.getByLabel("Emoji", { exact: true }).click();
  await typeIntoField(alice, "tada\n");
  assertEquals(await alice.locator("textarea").inputValue(), "🎉");
  await alice.keyboard.press("End");
  await alice.keyboard.type(" :roc");
  await alice.getByRole("option", { name: ":rocket:" }).waitFor();
  await checkAccess(alice, "completion");
  await alice.keyboard.press("Tab");
  assertEquals(await alice.locator("textarea").inputValue(), "🎉 🚀 ");
});

pageTest("commands answer as rows, and a mistyped one is not sent", async (chat) => {
  const bob = await chat.client("bob");
  await bob.send("JOIN #lobby");
  await bob.barrier();
  bob.take();
  const alice = await chat.enter("alice");
  await alice.getByText("#lobby is quiet").waitFor(); // and who is in it is known
  await alice.keyboard.type("@b");
  await alice.getByRole("option", { name: "bob" }).waitFor();
  await alice.keyboard.press("Enter");
  assertEquals(await alice.locator("textarea").inputValue(), "bob: ");
  await alice.locator("textarea").fill("");
  await say(alice, "/tpoic x");
  await alice.getByText("did you mean /topic?").waitFor();
  assertEquals(await alice.locator("textarea").inputValue(), "/tpoic x");
  await say(alice, "/kick");
  await alice.getByText("usage: /kick").waitFor();
  assertEquals(await alice.locator("textarea").inputValue(), "/kick");
  await say(alice, "/who bob");
  await alice.getByText("bob is online as").waitFor();
  await say(alice, "/away at lunch");
  await alice.getByText("you are away").waitFor();
  await say(alice, "/help");
  await alice.getByText("/kick [ROOM] NAME [REASON]: remove a person").waitFor();
  await alice.keyboard.type("/invi");
  await alice.getByRole("option", { name: "/invite" }).waitFor();
  await alice.keyboard.press("Tab");
  assertEquals(await alice.locator("textarea").inputValue(), "/invite ");
  await alice.keyboard.press("Control+a");
  await say(alice, "//slash");
  assertEquals(await bob.until((line) => line.includes("PRIVMSG")), true);
  assertEquals(bob.take().filter((line) => line.includes("PRIVMSG")).map((line) => line.split(" :").at(-1)), [
    "/slash",
  ]);
});

pageTest(
  "a search leads back to a message far away, and to a room that is not entered by a sentence",
  async (chat) => {
    const filler = await chat.client("filler");
    for (const room of ["#long", "#other"]) await filler.send(`JOIN ${room}`);
    await filler.send("PRIVMSG #long :needle");
    for (let start = 0; start < 500; start += 20) {
      for (let nth = start; nth < start + 20; nth++) await filler.send(`PRIVMSG #long :number ${nth}`);
      await filler.barrier();
    }
    const alice = await chat.enter("alice");
    await alice.getByLabel("Enter or make a room").click();
    await typeIntoField(alice, "long\n");
    await alice.locator("article", { hasText: "number 499" }).waitFor();
    await alice.locator(".sidebar .item", { hasText: "#lobby" }).click();
    await alice.keyboard.press("Control+Shift+F");
    await typeIntoField(alice, "needle\n");
    await alice.locator(".result").click();
    await alice.locator(".message-target", { hasText: "needle" }).waitFor();
    await alice.getByText("You are reading earlier messages").waitFor();
    await checkAccess(alice, "earlier messages");
    await alice.keyboard.press("Escape"); // closes the search
    await alice.locator(".panel").waitFor({ state: "detached" });
    await alice.keyboard.press("Escape"); // goes to the newest message
    await alice.locator("article", { hasText: "number 499" }).waitFor();
    await alice.getByText("You are reading earlier messages").waitFor({ state: "detached" });
    const row = alice.locator("article", { hasText: "number 499" });
    await alice.evaluate(
      "navigator.clipboard.writeText = (text) => (globalThis.copied = text, Promise.resolve())",
    );
    await row.hover();
    await row.getByLabel("Copy link").click();
    const link = String(await alice.evaluate("copied"));
    assertEquals(/^http:\/\/127\.0\.0\.1:\d+\/#long\/\S+$/.test(link), true, link);
    const bob = await chat.enter("bob");
    await bob.evaluate((link) => location.href = link, link);
    await bob.getByText("You are not in #long").waitFor();
    await checkAccess(bob, "room to be entered");
    await bob.getByRole("button", { name: "Enter #long" }).click();
    await bob.locator(".message-target", { hasText: "number 499" }).waitFor();
  },
);

pageTest("a name with a space or a comma makes no room", async (chat) => {
  const alice = await chat.enter("alice");
  for (const [label, fault] of [["Enter or make a room", "A room's name"], ["Write to a person", "A name"]]) {
    await alice.getByLabel(label!).click();
    await typeIntoField(alice, "ops team\n");
    await alice.getByText(`${fault} has no spaces and no commas.`).waitFor();
    await checkAccess(alice, fault!);
    await alice.keyboard.press("Escape");
  }
  assertEquals(await alice.locator(".sidebar .item", { hasText: "ops" }).count(), 0);
});

pageTest("a query that is changed shows a button, and no results of the last one", async (chat) => {
  const alice = await chat.enter("alice");
  await say(alice, "a needle here");
  await alice.locator(".mark-durable").waitFor();
  await alice.keyboard.press("Control+Shift+F");
  const run = alice.locator(".search-form").getByRole("button", { name: "Search" });
  await typeIntoField(alice, "needle");
  await run.click();
  await alice.locator(".result").waitFor();
  assertEquals(await run.count(), 0);
  await alice.keyboard.type("s");
  await run.waitFor();
  assertEquals(await alice.locator(".result").count(), 0);
  await checkAccess(alice, "changed query");
  await alice.keyboard.press("Backspace");
  await alice.locator(".result").waitFor();
});

pageTest("what is new is counted where it is out of sight, and Esc leaves it behind", async (chat) => {
  const bob = await chat.client("bob");
  await bob.send("JOIN #lobby");
  const alice = await chat.enter("alice");
  await say(alice, "here");
  await alice.locator(".mark-durable").waitFor();
  await alice.locator(".sidebar-lists").getByLabel("Write to a person").click();
  await typeIntoField(alice, "bob\n");
  for (let nth = 0; nth < 60; nth++) await bob.send(`PRIVMSG #lobby :new ${nth}`);
  await bob.barrier();
  await alice.getByRole("button", { name: "#lobby 60 unread" }).click();
  await alice.getByRole("separator", { name: "New messages" }).waitFor();
  await alice.locator(".scroller").hover();
  await alice.mouse.wheel(0, 5000);
  await alice.getByRole("button", { name: /60 new since \d\d:\d\d/ }).click();
  await alice.locator("article", { hasText: "new 0" }).first().waitFor();
  await checkAccess(alice, "new messages");
  await alice.keyboard.press("Escape");
  await alice.locator("article", { hasText: "new 59" }).waitFor();
  assertEquals(await alice.getByRole("separator", { name: "New messages" }).count(), 0);
});

pageTest(
  "images are loaded when they are asked for, without cookies and without the page's address",
  async (chat) => {
    const { cert, key } = await selfSigned();
    const asked: (string | null)[][] = [];
    await using images = Deno.serve(
      { hostname: "127.0.0.1", port: 0, cert, key, onListen() {} },
      ({ headers }) => {
        asked.push([headers.get("cookie"), headers.get("referer")]);
        return new Response(PIXEL, { headers: { "content-type": "image/png" } });
      },
    );
    const host = `localhost:${images.addr.port}`;
    const bob = await chat.client("bob");
    await bob.send("JOIN #lobby");
    await bob.send(`PRIVMSG #lobby :https://${host}/cat.png?x and http://${host}/dog.png`);
    await bob.barrier();
    const alice = await chat.enter("alice", { ignoreHTTPSErrors: true });
    const cookie = { name: "id", value: "1", domain: "localhost", path: "/", secure: true };
    await alice.context().addCookies([{ ...cookie, sameSite: "None" }]);
    await alice.locator("article a").nth(1).waitFor();
    await checkAccess(alice, "link to an image");
    assertEquals(asked, []);
    await alice.getByRole("button", { name: "Show image" }).click();
    await alice.getByAltText(`Image from ${host}`).waitFor();
    await comesTrue(
      "it is shown",
      () => alice.evaluate("document.querySelector('.image').naturalWidth > 0") as Promise<boolean>,
    );
    assertEquals(asked, [[null, null]]);
    await chat.fault(`asks for https://${host}/cat.png`); // which no page may unless it is asked to
    await checkAccess(alice, "image");
    await alice.getByRole("button", { name: "Hide image" }).click();
    assertEquals(await alice.locator("article img").count(), 0);
  },
);

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

pageTest(
  "rooms of the server are listed where one is entered; its topic is edited, and it is left",
  async (chat) => {
    const bob = await chat.client("bob");
    for (const line of ["JOIN #tea", "TOPIC #tea :green and black", "JOIN #code"]) await bob.send(line);
    await bob.barrier();
    const alice = await chat.enter("alice");
    await alice.getByLabel("Enter or make a room").click();
    await alice.getByRole("button", { name: "#code" }).waitFor();
    await checkAccess(alice, "rooms of the server");
    await typeIntoField(alice, "green");
    await alice.getByRole("button", { name: "#code" }).waitFor({ state: "detached" });
    await alice.getByRole("button", { name: "#tea green and black 1 person" }).click();
    await alice.locator(".head-topic", { hasText: "green and black" }).waitFor();
    await alice.getByLabel("People in this room").click();
    await alice.getByRole("button", { name: "Edit the topic" }).click();
    assertEquals(await alice.locator("textarea").inputValue(), "/topic green and black");
    await say(alice, "/topic white");
    await alice.locator(".head-topic", { hasText: "white" }).waitFor();
    await alice.getByRole("button", { name: "Leave the room" }).click();
    await alice.getByRole("button", { name: "Yes, leave" }).click();
    await alice.locator(".sidebar .item", { hasText: "#tea" }).waitFor({ state: "detached" });
    await checkAccess(alice, "room left");
  },
);

pageTest(
  "a paste of 100 lines is one message, and one line each where multiline is not known",
  async (chat) => {
    const [bob, carol] = [await chat.client("bob"), await chat.client("carol")];
    await bob.send("CAP REQ :batch draft/multiline message-tags");
    for (const client of [bob, carol]) await client.send("JOIN #lobby");
    for (const client of [bob, carol]) await client.barrier();
    for (const client of [bob, carol]) client.take();
    const alice = await chat.enter("alice");
    const lines = ["```", ...Array.from({ length: 98 }, (_, nth) => `  line ${nth}`), "```"];
    await alice.locator("textarea").focus();
    await alice.keyboard.insertText(lines.join("\n"));
    await alice.keyboard.press("Enter");
    await alice.locator("article pre", { hasText: "line 97" }).waitFor();
    await alice.locator(".mark-durable").waitFor();
    assertEquals(await alice.locator("article").count(), 1);
    await bob.until((line) => /BATCH -/.test(line), "the end of the batch");
    const texts = (received: string[]) =>
      received.filter((line) => line.includes(" PRIVMSG ")).map((line) => line.split(" PRIVMSG #lobby :")[1]);
    const batch = bob.take();
    assertEquals(batch.filter((line) => / BATCH \+\S+ draft\/multiline /.test(line)).length, 1);
    assertEquals(texts(batch), lines);
    await carol.barrier();
    assertEquals(texts(carol.take()), lines);
  },
);

pageTest("a page that rings is a message of OnCall, with a button that acknowledges it", async (chat) => {
  const boss = await chat.client("boss");
  const alice = await chat.enter("alice");
  await say(alice, "hello"); // from then on the name is registered
  for (
    const line of [
      "CAP REQ chatterbox.chat/oncall",
      "PRIVMSG NickServ :REGISTER correct-horse-battery",
      "JOIN #ops",
    ]
  ) {
    await boss.send(line);
    await boss.barrier();
  }
  await comesTrue("the list is set", async () => {
    await boss.send("ONCALL SET ops alice,boss 300");
    await boss.barrier();
    return boss.take().some((line) => / ONCALL SET ops /.test(line));
  });
  await boss.send("PAGE OPEN d1 ops :db down");
  await alice.locator(".sidebar .item", { hasText: "OnCall" }).click();
  const row = alice.locator("article", { hasText: "ops: db down (page 1 from boss; answer: ack 1)" });
  const button = row.getByRole("button", { name: "Acknowledge page 1" });
  await button.waitFor();
  await checkAccess(alice, "a page that rings");
  await button.click();
  await alice.locator("article", { hasText: "You have acknowledged page 1 (ops: db down)" }).waitFor();
  await button.waitFor({ state: "detached" });
  assertEquals(await alice.getByText("offline").count(), 0, "a service has no presence");
  await boss.until((line) => / PAGE END d1 1 acknowledged alice alice /.test(line));
});
