/** `chatterbox mcp` where something ends meanwhile: the server, the program, the client, a call. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { MAX_CLIENT_MESSAGE_BYTES, MAX_REPORTED_FAULTS } from "../../commands/mcp/stdio.ts";
import { inTime, outputOf } from "../support/guard.ts";
import { McpRun, Person } from "./mcp_client.ts";
import { linesOf, program, programTest, Server, start } from "./program.ts";

const INITIALIZE = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "raw", version: "1" } },
};

function flagsFor(server: string): string[] {
  return ["--from", "helper", "--allow-room", "#ops", "--allow-person", "bob", "--server", server];
}

/** The texts of messages, in order. */
function textsOf({ messages }: { messages: { text: string }[] }): string[] {
  return messages.map(({ text }) => text);
}

programTest(
  "mcp: nothing is missed over kill -9 of the server and of the program, and each message comes once",
  {},
  async (home) => {
    const first = await Server.start(home, "--sync", "always");
    const { port } = new URL(first.url);
    let mcp = await McpRun.start(home, ...flagsFor(first.url));
    const { cursor } = await mcp.call("read_since", { conversation: "#ops" });
    {
      using bob = await Person.enter("bob", first.url, "#ops");
      bob.say("PRIVMSG #ops :one");
      await bob.barrier();
    }
    const one = await mcp.call("wait_for", { conversation: "#ops", cursor, timeout_seconds: 50 });
    assertEquals(one.message.text, "one");
    first.signal("SIGSTOP"); // the call waits for its answer
    const waiting = mcp.call("wait_for", { conversation: "#ops", cursor: one.cursor, timeout_seconds: 50 });
    await mcp.client.ping();
    await first.stop("SIGKILL");
    await mcp.reported(/connection lost/);
    await using second = await Server.start(home, "--sync", "always", "--listen", `127.0.0.1:${port}`);
    {
      using bob = await Person.enter("bob", second.url, "#ops");
      for (const text of ["two", "three"]) bob.say(`PRIVMSG #ops :${text}`);
      await bob.barrier();
    }
    const two = await waiting;
    assertEquals([two.message.text, two.gaps], ["two", []]);
    assertEquals((await mcp.call("say", { to: "#ops", text: "four" })).stored, true);

    mcp.kill();
    await mcp.client.close();
    mcp = await McpRun.start(home, ...flagsFor(second.url));
    assertEquals(textsOf(await mcp.call("read_since", { conversation: "#ops", cursor: two.cursor })), [
      "three",
      "four",
    ]);
    assertEquals(textsOf(await mcp.call("read_since", { conversation: "#ops" })), [
      "one",
      "two",
      "three",
      "four",
    ]);
    const { people } = await mcp.call("who", { room: "#ops" });
    assertEquals(people.map(({ name, bot }: { name: string; bot: boolean }) => [name, bot]), [[
      "helper",
      true,
    ]]);
    await mcp.client.close();
  },
);

programTest("mcp: without a server the tools say so, and work once there is one", {}, async (home) => {
  const gone = await Server.start(home);
  const { port } = new URL(gone.url);
  await gone.stop();
  await using mcp = await McpRun.start(home, ...flagsFor(gone.url));
  assertMatch(
    await mcp.refusal("say", { to: "#ops", text: "hi" }),
    /^not connected: cannot reach 127\.0\.0\.1:\d+: connection refused; .*; chatterbox mcp goes on trying/,
  );
  await using _server = await Server.start(home, "--listen", `127.0.0.1:${port}`);
  await mcp.reported(/connected as helper/);
  assertEquals((await mcp.call("say", { to: "#ops", text: "hi" })).messages, 1);
});

programTest(
  "mcp: a name that is another user's is refused for good, and the tools say what to do",
  {},
  async (home) => {
    await using server = await Server.start(home);
    assertEquals((await program(["register", "helper", "--server", server.url], home)).code, 0);
    await using mcp = await McpRun.start(await Deno.makeTempDir({ dir: home }), ...flagsFor(server.url));
    await mcp.reported(/helper/);
    assertMatch(
      await mcp.refusal("read_since", { conversation: "#ops" }),
      /^not connected: the name helper is registered on .*; otherwise choose another name; .* start chatterbox mcp again$/,
    );
    await using owner = await McpRun.start(home, ...flagsFor(server.url));
    assertEquals((await owner.call("read_since", { conversation: "#ops" })).messages, []);
  },
);

programTest(
  "mcp: a question is answered; it is withdrawn when the call is cancelled, and when the program ends",
  {},
  async (home) => {
    await using server = await Server.start(home);
    using bob = await Person.enter("bob", server.url, "#ops");
    const mcp = await McpRun.start(home, ...flagsFor(server.url));
    const asked = mcp.call("ask", { to: ["bob"], question: "deploy?", options: ["yes", "no"] });
    await bob.hears(/PRIVMSG bob :deploy\? \(question 1: answer yes or no\)/);
    bob.say("PRIVMSG helper :No");
    const { state, answer, option, answers } = await asked;
    assertEquals([state, answer, option, answers[0].from], ["answered", "no", 1, "bob"]);

    const cancel = new AbortController();
    const cancelled = mcp.call("ask", { to: ["#ops"], question: "tea?" }, cancel.signal).catch(() =>
      "cancelled"
    );
    await bob.hears(/PRIVMSG #ops :tea\? \(question 2/);
    cancel.abort("no more");
    await bob.hears(/NOTICE #ops :question 2 \(tea\?\) is withdrawn/);
    assertEquals(await cancelled, "cancelled");

    const keep = { to: ["bob"], question: "kept?", id: "kept-1", keep: true, wait_seconds: 0 };
    assertEquals((await mcp.call("ask", keep)).state, "open");
    const pending = [{ to: ["bob"], question: "lost?" }, { ...keep, wait_seconds: 50 }].map((args) =>
      mcp.call("ask", args).catch(() => "ended")
    );
    await bob.hears(/PRIVMSG bob :lost\? \(question 4/);
    await mcp.client.close(); // closes standard input
    await bob.hears(/NOTICE bob :question 4 \(lost\?\) is withdrawn/);
    assertEquals(await Promise.all(pending), ["ended", "ended"]);
    bob.say("PRIVMSG helper :3 kept it is");
    await bob.hears(/question 3 \(kept\?\) of helper counts: kept it is/);
    await using again = await McpRun.start(home, ...flagsFor(server.url));
    const taken = await again.call("ask", { ...keep, wait_seconds: 50 });
    assertEquals([taken.state, taken.answer], ["answered", "kept it is"]);
  },
);

programTest(
  "mcp: garbage is reported, so often at most; standard output is the protocol alone, and its end is the end",
  {},
  async (home) => {
    await using server = await Server.start(home);
    const child = start(["mcp", ...flagsFor(server.url)], home, { stdin: "" });
    const writer = child.stdin.getWriter();
    const write = (text: string) => writer.write(new TextEncoder().encode(text));
    for (let nth = 0; nth < 2 * MAX_REPORTED_FAULTS; nth++) {
      await write(`{"jsonrpc": no ${nth}\n\0\xff\n[1]\n{"jsonrpc":"2.0","id":{},"method":"tools/call"}\n`);
    }
    await write(`${JSON.stringify(INITIALIZE)}\n`);
    const lines = linesOf(child.stdout, "unguarded");
    const answer = await inTime("the answer to initialize", lines.next());
    assertEquals(JSON.parse(answer.value!).result.serverInfo.name, "chatterbox");
    await writer.close();
    assertEquals(await inTime("the end of standard output", lines.next()), { done: true, value: undefined });
    const err = await new Response(child.stderr).text();
    assertEquals((await child.status).code, 0, err);
    assertStringIncludes(err, "further ones are not reported");
  },
);

programTest("mcp: a message of a client that is too long ends the program, told", {}, async (home) => {
  const child = start(["mcp", ...flagsFor("irc://127.0.0.1:1")], home, { stdin: "" });
  const ended = outputOf("chatterbox mcp", child);
  const writer = child.stdin.getWriter();
  const piece = new Uint8Array(64 * 1024).fill(0x20);
  try {
    for (let sent = 0; sent <= MAX_CLIENT_MESSAGE_BYTES; sent += piece.length) await writer.write(piece);
  } catch {
    // it has ended
  }
  const { code, out, err } = await ended;
  assertEquals([code, out], [0, ""]);
  assertMatch(err, /a fault of the client: ReadBuffer exceeded maximum size/);
});

programTest(
  "mcp: SIGTERM ends it in order: questions are withdrawn, calls answered, and its exit code tells",
  {},
  async (home) => {
    await using server = await Server.start(home);
    using bob = await Person.enter("bob", server.url, "#ops");
    const child = start(["mcp", ...flagsFor(server.url)], home, { stdin: "" });
    const ask = {
      jsonrpc: "2.0",
      id: 2,
      method: "tools/call",
      params: { name: "ask", arguments: { to: ["bob"], question: "tea?" } },
    };
    const writer = child.stdin.getWriter();
    for (const message of [INITIALIZE, { jsonrpc: "2.0", method: "notifications/initialized" }, ask]) {
      await writer.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
    }
    await bob.hears(/PRIVMSG bob :tea\? \(question 1/);
    child.kill("SIGTERM");
    const { code, out } = await outputOf("chatterbox mcp", child);
    assertEquals(code, 143);
    const { id, result } = JSON.parse(out.trim().split("\n").at(-1)!);
    assertEquals([id, result.structuredContent?.state], [2, "withdrawn"], JSON.stringify(result));
    await bob.hears(/NOTICE bob :question 1 \(tea\?\) is withdrawn/);
    await bob.hears(/:helper!\S+ QUIT :.*the agent has ended/);
  },
);

programTest(
  "mcp: with an empty input it says whether the name and the connection are good",
  {},
  async (home) => {
    await using server = await Server.start(home);
    const trial = async (name: string) => {
      const { out, err, code } = await program(["mcp", ...flagsFor(server.url)], `${home}/${name}`, {
        stdin: "",
      });
      return [out, code, err];
    };
    const [out, code, err] = await trial("one");
    assertEquals([out, code], ["", 0]);
    assertMatch(String(err), /: connected as helper\n/);
    const [, , other] = await trial("two");
    assertMatch(String(other), /the name helper is registered on .*, and its key is not on this machine/);
  },
);
