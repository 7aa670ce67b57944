/** `chatterbox mcp`: each tool, and what is refused, by a client of npm over the standard streams. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { CALL_RATES } from "../../commands/mcp/call_limits.ts";
import { command } from "../../commands/mcp/command.ts";
import { formatItems, MAX_RESULT_BYTES } from "../../commands/mcp/message_data.ts";
import type { MessageRecord } from "../../commands/mcp/message_data.ts";
import { MAX_CURSOR_LENGTH } from "../../commands/mcp/read_cursor.ts";
import { MAX_READ_MESSAGES } from "../../commands/mcp/tools/read_since.ts";
import { MAX_NAME_LENGTH } from "../../commands/mcp/tools/schemas.ts";
import { MAX_FOUND_MESSAGES, MAX_QUERY_LENGTH } from "../../commands/mcp/tools/search.ts";
import { MAX_PATTERN_LENGTH, MAX_WAIT_SECONDS } from "../../commands/mcp/tools/wait_for.ts";
import { MAX_LISTED_PEOPLE } from "../../commands/mcp/tools/who.ts";
import { utf8Length } from "../../lib/base/bytes.ts";
import { MAX_SAY_BYTES } from "../../commands/mcp/tools/say.ts";
import { McpRun, Person } from "./mcp_client.ts";
import { program, programTest, Server } from "./program.ts";
import { run } from "./run_command.ts";
import { inTime } from "../support/guard.ts";
import { tempDirTest } from "../support/test.ts";

const TOOLS = ["read_since", "wait_for", "search", "who", "say", "ask"];

programTest(
  "mcp: tools read, say, wait, search and list, under a name of the agent's own",
  {},
  async (home) => {
    await using server = await Server.start(home);
    using bob = await Person.enter("bob", server.url, "#ops");
    const flags = [
      "--from",
      "helper",
      "--allow-room",
      "#ops",
      "--allow-person",
      "bob",
      "--server",
      server.url,
    ];
    await using mcp = await McpRun.start(home, ...flags);
    assertEquals((await mcp.client.listTools()).tools.map(({ name }) => name), TOOLS);

    const said = await mcp.call("say", { to: "#OPS", text: "build is green\nsecond line", id: "build-1" });
    assertEquals([said.to, said.stored, said.messages], ["#ops", true, 1]);
    await bob.hears(/:helper!\S+ PRIVMSG #ops :build is green/);
    const again = await mcp.call("say", { to: "#ops", text: "build is green\nsecond line", id: "build-1" });
    assertEquals(again.msgid, said.msgid, "the same id and text: the same message");
    assertMatch(
      await mcp.refusal("say", { to: "#ops", text: "other", id: "build-1" }),
      /used before .*another id/,
    );

    const first = await mcp.call("read_since", { conversation: "#ops" });
    assertEquals(
      first.messages.map(({ from, is_own, text }: Record<string, unknown>) => [from, is_own, text]),
      [
        ["helper", true, "build is green\nsecond line"],
      ],
    );
    const waiting = mcp.call("wait_for", {
      conversation: "#ops",
      cursor: first.cursor,
      from: "BOB",
      pattern: "deploy (yes|no)",
      timeout_seconds: 50,
    });
    bob.say("PRIVMSG #ops :one moment");
    bob.say("PRIVMSG #ops :deploy yes");
    bob.say("PRIVMSG #ops :and now tea");
    const found = await waiting;
    assertEquals([found.matched, found.message.text, found.passed_over], [true, "deploy yes", 1]);
    const rest = await mcp.call("read_since", { conversation: "#ops", cursor: found.cursor });
    assertEquals(
      rest.messages.map(({ text }: { text: string }) => text),
      ["and now tea"],
      "behind the match",
    );
    const all = await mcp.call("read_since", { conversation: "#ops", cursor: first.cursor, limit: 2 });
    assertEquals([all.messages.length, all.more], [2, true]);
    const last = await mcp.call("read_since", { conversation: "#ops", cursor: all.cursor, limit: 2 });
    assertEquals([last.messages.map(({ text }: { text: string }) => text), last.more], [
      ["and now tea"],
      false,
    ]);

    const { cursor } = await mcp.call("read_since", { conversation: "bob" });
    bob.say("PRIVMSG helper :psst");
    const direct = await mcp.call("wait_for", { conversation: "bob", cursor, timeout_seconds: 50 });
    assertEquals([direct.message.conversation, direct.message.text], ["bob", "psst"]);

    const hits = await mcp.call("search", { query: "deploy from:bob" });
    assertEquals(hits.messages.map(({ text }: { text: string }) => text), ["deploy yes"]);
    bob.say("AWAY :lunch");
    await bob.barrier();
    const { people } = await mcp.call("who", { room: "#ops" });
    const facts = people.map((
      { name, away, bot, is_you }: Record<string, unknown>,
    ) => [name, away, bot, is_you]);
    assertEquals(facts, [["bob", true, false, false], ["helper", false, true, true]]);
    assertStringIncludes(await mcp.text("who", {}), "helper (bot)");

    const log = await program(["logs", "#ops", "--json", "--server", server.url], home);
    assertStringIncludes(log.out, '"from":"helper","type":"message","text":"build is green\\nsecond line"');
  },
);

programTest("mcp: what is not allowed is refused, and nothing of it is shown", {}, async (home) => {
  await using server = await Server.start(home);
  using bob = await Person.enter("bob", server.url, "#ops", "#secret");
  using carol = await Person.enter("carol", server.url, "#ops");
  bob.say("PRIVMSG #secret :the password is tea");
  bob.say("PRIVMSG #ops :tea for all");
  carol.say("PRIVMSG #ops :tea for no one");
  await Promise.all([bob.barrier(), carol.barrier()]);
  const base = ["--from", "helper", "--server", server.url];
  await using mcp = await McpRun.start(home, ...base, "--allow-room", "#ops", "--allow-sender", "bob");

  for (
    const [tool, args] of [
      ["say", { to: "#secret", text: "hi" }],
      ["say", { to: "bob", text: "hi" }],
      ["say", { to: "NickServ", text: "IDENTIFY x" }],
      ["read_since", { conversation: "#secret" }],
      ["wait_for", { conversation: "#secret" }],
      ["search", { query: "tea in:#secret" }],
      ["search", { query: "tea", conversation: "#secret" }],
      ["who", { room: "#secret" }],
      ["ask", { to: ["#ops", "#secret"], question: "?" }],
    ] as const
  ) {
    assertMatch(
      await mcp.refusal(tool, args),
      /is not allowed; allowed are #ops\. /,
      `${tool} ${JSON.stringify(args)}`,
    );
  }
  assertMatch(mcp.reports, /say refused: the room "#secret" is not allowed/);

  const read = await mcp.call("read_since", { conversation: "#ops" });
  assertEquals([read.messages.length, read.messages[0].from, read.left_out], [1, "bob", 1]);
  assertStringIncludes(
    await mcp.text("read_since", { conversation: "#ops" }),
    "\n1 message of others left out",
  );
  const found = await mcp.call("search", { query: "tea" });
  assertEquals([found.messages.length, found.left_out], [1, 1], "and nothing of #secret");

  for (
    const [text, why] of [
      [" \n ", /empty/],
      ["/kick bob", /looks like a command/],
      ["a\u0001ACTION\u0001", /control characters/],
      ["ä".repeat(MAX_SAY_BYTES), /the most is/],
    ] as const
  ) assertMatch(await mcp.refusal("say", { to: "#ops", text }), why);
  assertMatch(await mcp.refusal("read_since", { conversation: "#ops", cursor: "x" }), /^cursor: /);
  assertMatch(await mcp.refusal("wait_for", { conversation: "#ops", pattern: "(a" }), /^pattern: /);
  assertMatch(await mcp.refusal("ask", { to: ["#ops"], question: "?", keep: true }), /^keep needs an id/);

  await using none = await McpRun.start(home, ...base.with(1, "other"));
  assertMatch(await none.refusal("search", { query: "tea" }), /^no room and no person is allowed: /);
  assertMatch(
    await none.refusal("read_since", { conversation: "#ops" }),
    /^no room and no person is allowed: /,
  );
  await using reader = await McpRun.start(
    home,
    ...base.with(1, "reader"),
    "--allow-room",
    "#ops",
    "--read-only",
  );
  assertEquals((await reader.client.listTools()).tools.map(({ name }) => name), TOOLS.slice(0, 4));
});

programTest("mcp: so many calls at once; a refusal says when to try again", {}, async (home) => {
  await using server = await Server.start(home);
  await using mcp = await McpRun.start(
    home,
    "--from",
    "helper",
    "--allow-room",
    "#ops",
    "--server",
    server.url,
  );
  for (let nth = 0; nth < CALL_RATES.say.count; nth++) {
    await mcp.call("say", { to: "#ops", text: `hello ${nth}` });
  }
  assertMatch(
    await mcp.refusal("say", { to: "#ops", text: "hello" }),
    /^too many calls of say: .* try again in \d+s$/,
  );
  const open = Array.from({ length: CALL_RATES.ask.count }, (_, nth) => {
    const cancel = new AbortController();
    const args = { to: ["#ops"], question: `ready ${nth}?`, timeout_seconds: 600 };
    return { cancel, ended: mcp.call("ask", args, cancel.signal).catch(() => "cancelled") };
  });
  assertMatch(await mcp.refusal("ask", { to: ["#ops"], question: "one more?" }), /calls of ask are running/);
  for (const { cancel } of open) cancel.abort("enough");
  assertEquals(await Promise.all(open.map(({ ended }) => ended)), open.map(() => "cancelled"));
});

programTest(
  "mcp: arguments and results have bounds, and what is cut is behind the cursor",
  {},
  async (home) => {
    await using server = await Server.start(home);
    using bob = await Person.enter("bob", server.url, "#ops");
    await using mcp = await McpRun.start(
      home,
      "--from",
      "helper",
      "--allow-room",
      "#ops",
      "--server",
      server.url,
    );
    for (
      const [tool, args] of [
        ["read_since", { limit: MAX_READ_MESSAGES + 1 }],
        ["read_since", { cursor: "A".repeat(MAX_CURSOR_LENGTH + 1) }],
        ["wait_for", { timeout_seconds: MAX_WAIT_SECONDS + 1 }],
        ["wait_for", { pattern: "a".repeat(MAX_PATTERN_LENGTH + 1) }],
        ["read_since", { conversation: `#${"a".repeat(MAX_NAME_LENGTH)}` }],
        ["search", { query: "a".repeat(MAX_QUERY_LENGTH + 1) }],
        ["search", { query: "a", limit: MAX_FOUND_MESSAGES + 1 }],
      ] as const
    ) assertMatch(await mcp.refusal(tool, { conversation: "#ops", ...args }), /Input validation error/);

    const { cursor } = await mcp.call("read_since", { conversation: "#ops" });
    const texts = Array.from({ length: MAX_READ_MESSAGES + 50 }, (_, nth) => `${nth} ${"<".repeat(300)}`);
    for (const text of texts) bob.say(`PRIVMSG #ops :${text}`);
    await bob.barrier();
    const read: string[] = [];
    for (let next = cursor, more = true; more;) {
      const args = { conversation: "#ops", cursor: next, limit: MAX_READ_MESSAGES };
      const page = await mcp.call("read_since", args);
      assert(
        utf8Length(
          formatItems(page.messages.map((record: MessageRecord) => ({ kind: "message", record }))),
        ) <= MAX_RESULT_BYTES,
      );
      read.push(...page.messages.map(({ text }: { text: string }) => text));
      ({ cursor: next, more } = page);
    }
    assertEquals(read, texts);
    const newest = await mcp.call("read_since", { conversation: "#ops", limit: MAX_READ_MESSAGES });
    assertEquals(newest.messages.at(-1).text, texts.at(-1));

    using people = new DisposableStack();
    for (let nth = 0; nth < MAX_LISTED_PEOPLE; nth++) {
      people.use(
        await Person.enter(`p${nth}`, server.url, "#ops"),
      );
    }
    const who = await mcp.call("who", { room: "#ops" });
    assertEquals([who.people.length, who.total], [MAX_LISTED_PEOPLE, MAX_LISTED_PEOPLE + 2]);
  },
);

programTest(
  "mcp: an agent that is removed from a room stays out, and people decide that are allowed",
  {},
  async (home) => {
    await using server = await Server.start(home);
    using bob = await Person.enter("bob", server.url, "#ops", "#dev");
    using carol = await Person.enter("carol", server.url, "#ops");
    const flags = [
      "--from",
      "helper",
      "--server",
      server.url,
      "--allow-room",
      "#ops",
      "--allow-room",
      "#dev",
    ];
    await using mcp = await McpRun.start(home, ...flags, "--allow-sender", "bob");
    const asked = mcp.call("ask", { to: ["#ops"], question: "deploy?", options: ["yes", "no"] });
    await carol.hears(/deploy\? \(question 1/);
    carol.say("PRIVMSG #ops :1 yes");
    const { state, answer, answers, left_out } = await asked;
    assertEquals([state, answer, answers, left_out], ["not_allowed", null, [], 1]);

    bob.say("KICK #dev helper :too loud");
    await mcp.reported(/bob removed the agent from #dev: too loud/);
    for (
      const [tool, args] of [["say", { to: "#dev", text: "hi" }], ["read_since", {
        conversation: "#dev",
      }]] as const
    ) {
      assertMatch(await mcp.refusal(tool, args), /^bob removed the agent from #dev; /);
    }
    assertEquals((await mcp.call("say", { to: "#ops", text: "hi" })).messages, 1);
    bob.say("MODE #dev +b helper!*@*");
    await bob.barrier();
    await using again = await McpRun.start(home, ...flags);
    assertMatch(
      await again.refusal("say", { to: "#dev", text: "hi" }),
      /^cannot enter #dev: you are banned from #dev/,
    );
  },
);

programTest("mcp: rooms are resources, and a client that subscribes is told of changes", {}, async (home) => {
  await using server = await Server.start(home);
  using bob = await Person.enter("bob", server.url, "#ops");
  await using mcp = await McpRun.start(
    home,
    "--from",
    "helper",
    "--allow-room",
    "#ops",
    "--server",
    server.url,
  );
  const uri = "chatterbox://room/%23ops";
  const { resources } = await mcp.client.listResources();
  assertEquals(resources.map((each) => each.uri), ["chatterbox://rooms", uri]);
  await mcp.client.subscribeResource({ uri });
  const updated = Promise.withResolvers<string>();
  mcp.client.fallbackNotificationHandler = ({ params }) =>
    Promise.resolve(updated.resolve(String(params?.["uri"])));
  await mcp.call("who", { room: "#ops" }); // it is in the room
  bob.say("PRIVMSG #ops :tea?");
  assertEquals(await inTime("the change of the room", updated.promise), uri);
  const { contents } = await mcp.client.readResource({ uri });
  assertEquals(contents.map(({ mimeType }) => mimeType), ["text/plain", "application/json"]);
  const [text, json] = contents as { text: string }[];
  assertStringIncludes(text!.text, '<message from="bob" account="" in="#ops" ');
  assertEquals(JSON.parse(json!.text).messages[0].text, "tea?");
  const why = await mcp.client.readResource({ uri: "chatterbox://room/%23other" }).catch(String);
  assertMatch(String(why), /is not allowed/);
});

Deno.test({
  name: "mcp: the configurations in docs/agents.md are JSON, with flags that there are",
  permissions: { read: true, write: true, env: true, sys: true },
  async fn() {
    const page = await Deno.readTextFile(new URL("../../docs/agents.md", import.meta.url));
    const blocks = Array.from(page.matchAll(/^```json\n([^`]*)```/gm), ([, text]) => JSON.parse(text!));
    const servers = blocks.map(({ mcpServers, servers }) => (mcpServers ?? servers).chatterbox);
    assertEquals(servers.length, 2);
    for (const { command: program, args: [name, ...flags] } of servers) {
      assertEquals([program, name], ["chatterbox", "mcp"]);
      const { code, out, err } = await run(command, [...flags, "--help"]);
      assertEquals([code, err], [0, ""]);
      assertStringIncludes(out, "chatterbox mcp");
    }
  },
});

tempDirTest(
  "mcp: wrong flags end it with 64 before anything is connected",
  { permissions: "inherit" },
  async () => {
    for (
      const [args, why] of [
        [[], /give --from NAME/],
        [["--from", "a", "x"], /no words are expected/],
        [["--from", "a", "--allow-room", "ops"], /a room is '#NAME'/],
        [["--from", "a", "--allow-person", "#ops"], /not a valid user name/],
        [["--from", "a", "--allow-sender", "NickServ"], /services are told passphrases/],
        [
          ["--from", "a", ...Array.from({ length: 51 }, (_, nth) => ["--allow-room", `#r${nth}`]).flat()],
          /at most 50/,
        ],
      ] as const
    ) {
      const { code, err, out } = await run(command, args);
      assertEquals([code, out], [64, ""], err);
      assertMatch(err, why);
    }
  },
);
