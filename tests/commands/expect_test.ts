/** `expect` drives the program at a terminal, as scripts of people do. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { needs } from "../tools.ts";
import { program, programTest, Server } from "./program.ts";

/** Exit codes of a script, beside those of the program. */
const TIMED_OUT = 200, ENDED_EARLY = 201;

const PREAMBLE = `
set timeout 30
proc await {pattern} {
  expect {
    -re $pattern {}
    timeout { exit ${TIMED_OUT} }
    eof { exit ${ENDED_EARLY} }
  }
}
proc finish {} {
  expect { eof {} timeout { exit ${TIMED_OUT} } }
  exit [lindex [wait] 3]
}
spawn -noecho {*}$argv
`;

/** Types into `join --plain` and waits for what it shows. */
const JOIN = `${PREAMBLE}
await {room #lobby\\r\\n}
send "hello from expect\\r"
send "/names\\r"
await {note 1 person in #lobby: alice\\r\\n}
send "/join #dev\\r"
await {room #dev\\r\\n}
send "\\004"
finish
`;

/** Answers the question of `send` for the server's password. */
const SEND = `${PREAMBLE}
await {Password of }
send "sesame\\r"
finish
`;

programTest("expect drives join --plain and send at a terminal", needs("expect"), async (home) => {
  const scripts = { join: `${home}/join.exp`, send: `${home}/send.exp` };
  await Deno.writeTextFile(scripts.join, JOIN);
  await Deno.writeTextFile(scripts.send, SEND);
  await Deno.writeTextFile(`${home}/password`, "sesame\n", { mode: 0o600 });
  await using server = await Server.start(home, "--password-file", `${home}/password`);
  const url = ["--server", server.url];
  const drive = (script: string, args: string[], env: Record<string, string> = {}) =>
    program([...args, ...url], home, { env: { TERM: "xterm", ...env }, within: ["expect", "-f", script] });

  const env = { CHATTERBOX_PASSWORD: "sesame" };
  const joined = await drive(scripts.join, ["join", "alice", "--plain"], env);
  assertEquals([joined.code, joined.err], [0, ""], joined.out);
  assert(!joined.out.includes("\x1b"), "nothing moves the cursor");
  assertEquals(
    joined.out.match(/hello from expect/g)?.length,
    1,
    "the own line is there once, as it was typed",
  );

  const sent = await drive(scripts.send, ["send", "#lobby", "--from", "alice", "sent by expect"]);
  assertEquals([sent.code, sent.err], [0, ""], sent.out);
  assert(!sent.out.includes("sesame"), "the password is not shown");
  assertMatch(
    (await program(["logs", ...url], home, { env })).out,
    /alice: hello from expect\n.*alice: sent by expect\n$/,
  );
});
