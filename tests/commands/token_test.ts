/** `chatterbox token`: made, listed and revoked on a server of ours; what becomes of it on others. */
import { assertEquals, assertMatch } from "@std/assert";
import { command as register } from "../../commands/register.ts";
import { command as token } from "../../commands/token.ts";
import { FakeServer } from "../client/fake_server.ts";
import type { Script } from "../client/fake_server.ts";
import { inPlace, placeTest } from "./machines.ts";
import type { Place } from "./machines.ts";

const permissions = { net: true, read: true, write: true } as const;
const SECRET = /^cbt_[A-Za-z0-9_-]{43}$/;

placeTest(
  "token create: the secret alone on standard output, what it may do on standard error",
  async ({ on }) => {
    await on("a", register, "alice");
    const made = await on("a", token, "create --name alice --scope send:#ops --scope people --utc");
    assertEquals(made.code, 0, made.err);
    assertMatch(made.out.trimEnd(), SECRET);
    assertMatch(
      made.err,
      /^chatterbox: token [0-9a-f]{8} of alice: sends to #ops, sees who is online; expires \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ\n$/,
    );
    assertEquals(made.err.includes(made.out.trim()), false);
    const ever = await on(
      "a",
      token,
      "create --name alice --scope send:bob,read:* --scope read:#tea,send:*,metrics --ttl never",
    );
    assertMatch(
      ever.err,
      /: sends to bob, reads all that the account may read, reads #tea, sends to all rooms and users, reads the metrics of the server; does not expire\n$/,
    );
  },
);

placeTest("token create: a file that others can read is warned of", async ({ on }) => {
  await on("a", register, "alice");
  for (
    const [flags, exposedMode, isWarned] of [["", 0o640, true], [" --json", 0o644, true], [
      "",
      undefined,
      false,
    ]] as const
  ) {
    const made = await on("a", token, `create --name alice --scope people${flags}`, {
      ...exposedMode && { exposedMode },
    });
    assertEquals(made.code, 0, made.err);
    assertEquals(/other users can read the token in that file \(mode 06/.test(made.err), isWarned);
  }
});

placeTest("token list, token revoke: what there is, and that it ends", async ({ on }) => {
  await on("a", register, "alice");
  const none = await on("a", token, "list --name alice");
  assertEquals([none.code, none.out], [0, ""]);
  assertMatch(none.err, /^chatterbox: alice has no tokens on /);
  const made = await on("a", token, "create --name alice --scope send:#ops --ttl 12h --label build --json");
  assertEquals([made.code, made.err], [0, ""]);
  const { id, token: secret, ...others } = JSON.parse(made.out);
  assertMatch(secret, SECRET);
  assertEquals({ ...others, expires: "" }, { account: "alice", scopes: ["send:#ops"], expires: "" });
  await on("a", token, "create --name alice --scope people --ttl never");
  const listed = await on("a", token, "list --name alice --utc");
  assertEquals(listed.err, "");
  const [heading, first, second] = listed.out.split("\n").map((line) => line.split(/ {2,}/));
  assertEquals(heading, ["ID", "CREATED", "EXPIRES", "SCOPES", "LABEL"]);
  assertEquals([first?.[0], first?.[3], first?.[4]], [id, "send:#ops", "build"]);
  assertEquals([second?.[2], second?.[3]], ["never", "people"]);
  const rows = (await on("a", token, "list --name alice --json")).out.trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  assertEquals(rows.map(({ label, scopes }) => [label, scopes]), [["build", ["send:#ops"]], ["", [
    "people",
  ]]]);
  assertEquals(rows[1].expires, null);
  const revoked = await on("a", token, `revoke ${id} --name alice`);
  assertEquals(revoked, { code: 0, out: `token ${id} is revoked\n`, err: "" });
  const again = await on("a", token, `revoke ${id} --name alice`);
  assertEquals(again.code, 67);
  assertMatch(again.err, /You have no token with this id/);
});

placeTest(
  "token: without the key of the name, or with a wrong one, nothing is made: 77",
  async ({ on, file }) => {
    await on("a", register, "alice");
    const keyless = await on("b", token, "create --name alice --scope people");
    assertEquals([keyless.code, keyless.out], [77, ""]);
    assertMatch(keyless.err, /there is no key of alice for \S+ here; give --passphrase-file or --key-file/);
    const wrong = await on("b", token, `list --name alice --passphrase-file ${await file("battery staple")}`);
    assertEquals(wrong.code, 77);
    assertMatch(wrong.err, /wrong key or passphrase for alice on /);
    const others = await on("a", token, "list --name alice --account bob");
    assertEquals(others.code, 77);
    assertMatch(others.err, /refuses: only operators of this server may do that/);
  },
);

placeTest("token: wrong usage is told before anything is sent: 64", async ({ on }) => {
  const cases: readonly (readonly [line: string, words: RegExp])[] = [
    ["", /unknown action|no action given/],
    ["make", /unknown action make; the actions are create, list, revoke/],
    ["create", /give --scope: send:#room/],
    ["create --scope write:#ops", /--scope write:#ops: not send:#room/],
    [`create --scope ${Array.from({ length: 21 }, (_, nth) => `send:a${nth}`)}`, /too many scopes/],
    ["create --scope people --ttl soon", /--ttl soon: not a time such as 12h or 90d, or never/],
    ["create people", /unexpected argument people/],
    ["create --scope people --account bob", /--account is for list/],
    ["list --scope people", /--scope and --label are for create/],
    ["list all", /unexpected argument all/],
    ["revoke", /give the id of the token/],
    ["revoke 1 2", /unexpected argument 2/],
  ];
  for (const [line, words] of cases) {
    const { code, err } = await on("a", token, `${line} --name alice`.trimStart());
    assertEquals(code, 64, line);
    assertMatch(err, words);
  }
});

/** A server on which every passphrase is that of alice, and which answers TOKEN by `answer`, or goes. */
function serverWith(answer: string | undefined): Script {
  return async (peer) => {
    for (let line = await peer.next(); line !== undefined; line = await peer.next()) {
      const [, label, rest = line] = /^@label=(\S+) (.*)$/.exec(line) ?? [];
      const [command, first = ""] = rest.split(" ");
      if (command === "TOKEN" && answer === undefined) return peer.close();
      if (command === "TOKEN") await peer.send(`@label=${label} :fake ${answer}`);
      if (line === "CAP LS 302") await peer.send(":fake CAP * LS :labeled-response batch sasl=PLAIN");
      if (command === "CAP" && first === "REQ") {
        await peer.send(`:fake CAP * ACK ${rest.slice("CAP REQ ".length)}`);
      }
      if (command === "CAP" && first === "END") await peer.send(":fake 001 x :Welcome");
      if (rest === "AUTHENTICATE PLAIN") await peer.send("AUTHENTICATE +");
      else if (command === "AUTHENTICATE") {
        await peer.send(":fake 900 x x!x@x alice :You are logged in", ":fake 903 x :SASL");
      }
      if (command === "PING") await peer.send(`:fake PONG fake :${first}`);
      if (command === "QUIT") return;
    }
  };
}

for (
  const [why, answer, code, words] of [
    [
      "a server that knows no tokens",
      "421 x TOKEN :Unknown command",
      69,
      /has no tokens: it is another kind of server/,
    ],
    [
      "a server that cannot at present",
      "FAIL TOKEN TEMPORARILY_UNAVAILABLE :The token could not be saved",
      75,
      /: The token could not be saved\n$/,
    ],
    ["a server that refuses", "FAIL TOKEN TOO_MANY :Enough", 77, /refuses: Enough\n$/],
    ["a server that is lost before the answer", undefined, 75, /did not answer; chatterbox token list shows/],
    ["an answer that is none", "TOKEN MADE", 75, /did not answer; chatterbox token list shows/],
  ] as const
) {
  Deno.test({
    name: `token create: ${why}: ${code}`,
    permissions,
    async fn() {
      await using server = new FakeServer(serverWith(answer));
      await server.run(inPlace(server.url, async ({ on, file }: Place) => {
        const path = await file("correct horse");
        const made = await on("a", token, `create --name alice --scope people --passphrase-file ${path}`);
        assertEquals([made.code, made.out], [code, ""]);
        assertMatch(made.err, words);
      }));
    },
  });
}

placeTest("token create: not where others can listen: 77", async ({ on, url, file }) => {
  const passphrase = await file("correct horse");
  assertEquals((await on("a", register, `alice --passphrase-file ${passphrase}`)).code, 0);
  // This machine by an address that is not known for it.
  await inPlace(url.replace("127.0.0.1", "0.0.0.0"), async ({ on }) => {
    const line = `create --name alice --scope people --passphrase-file ${passphrase}`;
    const { code, out, err } = await on("a", token, line);
    assertEquals([code, out], [77, ""]);
    assertMatch(err, /the connection to \S+ is not encrypted; use ircs:\/\//);
    assertEquals((await on("a", token, `list --name alice --passphrase-file ${passphrase}`)).code, 0);
  });
});
