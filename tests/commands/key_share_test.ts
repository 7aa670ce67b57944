/** `chatterbox key share` and `chatterbox key import --code`: a key on its way to another machine, by a server of ours. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { encode } from "uqr";
import { command as key } from "../../commands/key.ts";
import { drawModules, drawQrCode } from "../../commands/key/qr_code.ts";
import { command as register } from "../../commands/register.ts";
import { deriveParcelId, makeShareCode, sealKey } from "../../lib/irc/key_share.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { FakeServer } from "../client/fake_server.ts";
import type { Script } from "../client/fake_server.ts";
import { inTime } from "../support/guard.ts";
import { pureTest } from "../support/test.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { placeTest } from "./machines.ts";
import type { Place } from "./machines.ts";
import type { Run } from "./program.ts";
import { serverWithParcels } from "./parcel_server.ts";
import { commandTest, run } from "./run_command.ts";

const permissions = { net: true, read: true, write: true } as const;
const KEY = "k".repeat(43);
const CODE = /^[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}$/m;

interface Sharing {
  readonly io: FakeIo;
  readonly code: string;
  readonly end: Promise<Run>;
}

/** `key share LINE` on the machine called `machine`, which has shown its code. */
async function share(place: Place, machine: string, line: string, terminal = false): Promise<Sharing> {
  const shown = Promise.withResolvers<void>();
  const home = `${place.home}/${machine}`;
  const io = new FakeIo({
    env: { XDG_CONFIG_HOME: home, XDG_STATE_HOME: home },
    terminal,
    onStdout: (text) => void (CODE.test(text) && shown.resolve()),
  });
  const end = key.run(["share", ...line.split(" "), "--server", place.url], io).then(async (code) => {
    await io.flush();
    shown.reject(new Error(`key share has ended: ${code} ${io.err}`));
    return { code, out: io.out, err: io.err };
  });
  await inTime("the code", shown.promise, { heard: () => [io.err] });
  return { io, code: CODE.exec(io.out)![0], end };
}

async function exported({ on }: Place, machine: string): Promise<string> {
  return (await on(machine, key, "export alice")).out.trim();
}

placeTest("key share: the other machine has the key, and the first one is told which", async (place) => {
  await place.on("a", register, "alice");
  const { code, end } = await share(place, "a", "alice");
  const typed = code.toLowerCase().replaceAll("-", "").replaceAll("0", "o");
  const imported = await place.on("b", key, `import Alice --code ${typed}`);
  assertEquals([imported.code, imported.err], [0, ""]);
  assertMatch(imported.out, /^saved the key of Alice on /);
  assertEquals(await exported(place, "b"), await exported(place, "a"));
  const { code: exit, out, err } = await inTime("the end of key share", end);
  assertEquals([exit, out], [0, `${code}\n`]);
  assertMatch(err, /the key of alice was fetched from 127\.0\.0\.1; if that was not you, change it now/);
  assertEquals(err.includes(await exported(place, "a")), false);
  const used = await place.on("c", key, `import alice --code ${code}`);
  assertEquals([used.code, used.out], [77, ""]);
  assertMatch(used.err, /this code of alice has been used already/);
  assertEquals(await place.keys("c"), []);
});

placeTest("key share: on a server without accounts the key that claims the name", async (place) => {
  await place.on("a", key, "import alice", { stdin: `${KEY}\n` });
  const { code, end } = await share(place, "a", "alice --no-qr");
  const imported = await place.on("b", key, "import alice --code=-", { stdin: `${code}\n` });
  assertEquals([imported.code, imported.err], [0, ""]);
  assertEquals([await exported(place, "b"), (await end).code], [KEY, 0]);
}, { accounts: "off" });

placeTest("key share: interrupted, the code is withdrawn", async (place) => {
  await place.on("a", register, "alice");
  for (const [signal, exit] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    const { io, code, end } = await share(place, "a", "alice");
    io.interrupt(signal);
    const ended = await inTime("the end of key share", end);
    assertEquals(ended.code, exit);
    assertMatch(ended.err, /the code is withdrawn\n$/);
    const late = await place.on("b", key, `import alice --code ${code}`);
    assertEquals(late.code, 77);
    assertMatch(late.err, /this code of alice has expired or was withdrawn/);
  }
});

placeTest(
  "key share: a newer code of a name is in the place of the former one: 75 for that",
  async (place) => {
    await place.on("a", register, "alice");
    const first = await share(place, "a", "alice");
    const second = await share(place, "a", "alice");
    const ended = await first.end;
    assertEquals(ended.code, 75);
    assertMatch(ended.err, /the code was not used in time, or a newer one is in its place; key share makes/);
    assertMatch(
      (await place.on("b", key, `import alice --code ${first.code}`)).err,
      /has expired or was withdrawn/,
    );
    assertEquals((await place.on("b", key, `import alice --code ${second.code}`)).code, 0);
    assertEquals((await second.end).code, 0);
  },
);

placeTest("key share: without a key, or with one that is not that of the account: 67, 77", async (place) => {
  const none = await place.on("a", key, "share alice");
  assertEquals([none.code, none.out], [67, ""]);
  assertMatch(none.err, /there is no key of alice for \S+ here; a name with a passphrase needs none/);
  await place.on("a", register, "alice");
  await place.on("b", key, "import alice", { stdin: `${KEY}\n` });
  const other = await place.on("b", key, "share alice");
  assertEquals([other.code, other.out], [77, ""]);
  assertMatch(other.err, /does not take the key that is here for that of alice/);
});

placeTest("key import --code: a code that is none, or none of the name: 64, 77", async (place) => {
  for (
    const line of ["import alice --code 7ZQK", "show alice --code 7ZQK-4M0X-V1D8-RBTA", "share a b"]
  ) {
    assertEquals((await place.on("a", key, line)).code, 64, line);
  }
  await place.on("a", register, "alice");
  const { io, code, end } = await share(place, "a", "alice");
  for (const line of [`import bob --code ${code}`, `import alice --code ${makeShareCode()}`]) {
    const wrong = await place.on("b", key, line);
    assertEquals([wrong.code, wrong.out], [77, ""]);
    assertMatch(wrong.err, /there is no such code for (?:alice|bob); check both/);
  }
  assertEquals(await place.keys("b"), []);
  io.interrupt();
  await end;
});

placeTest("key import --code: another key of the name is not replaced unasked: 73", async (place) => {
  await place.on("a", register, "alice");
  await place.on("b", key, "import alice", { stdin: `${KEY}\n` });
  const { code, end } = await share(place, "a", "alice");
  const refused = await place.on("b", key, `import alice --code ${code}`);
  assertEquals([refused.code, refused.out], [73, ""]);
  assertMatch(refused.err, /another key of alice on \S+ is in \S+; --force overwrites it/);
  assertEquals(
    (await place.on("b", key, `import alice --code ${code} --force`)).code,
    0,
    "the code is unused",
  );
  assertEquals([await exported(place, "b"), (await end).code], [await exported(place, "a"), 0]);
});

placeTest("key import --code: where the key cannot be written the code stays unused: 74", async (place) => {
  await place.on("a", register, "alice");
  const { code, end } = await share(place, "a", "alice");
  await Deno.mkdir(`${place.home}/b/chatterbox`, { recursive: true });
  await Deno.writeTextFile(`${place.home}/b/chatterbox/keys`, "");
  const failed = await place.on("b", key, `import alice --code ${code}`);
  assertEquals([failed.code, failed.out], [74, ""]);
  await Deno.remove(`${place.home}/b/chatterbox/keys`);
  assertEquals((await place.on("b", key, `import alice --code ${code}`)).code, 0);
  assertEquals((await end).code, 0);
  const files = (await place.keys("b")).map((path) => path.split("/").at(-1));
  assertEquals(files.filter((file) => file?.startsWith(".")), [], "no trial file is left");
});

placeTest("key share: at a terminal with a page, its address and a QR code of it", async (place) => {
  await place.on("a", register, "alice");
  const { io, code, end } = await share(place, "a", "alice --qr", true);
  const url = `http://127.0.0.1:6680/#add=alice:${code.replaceAll("-", "")}`;
  io.interrupt();
  const { out, err } = await end;
  const lines = await drawQrCode(url, 80, true);
  assertEquals(out, `${code}\n${url}\n\n${lines?.join("\n")}\n\n`);
  assertMatch(err, /in a browser: open this address/);
  const plain = await share(place, "a", "alice --no-qr", true);
  plain.io.interrupt();
  assertEquals((await plain.end).out.split("\n").length, 3);
}, { pageUrl: "http://127.0.0.1:6680" });

placeTest(
  "key share: an address that only this machine can open has a QR code if it is asked for",
  async (place) => {
    await place.on("a", register, "alice");
    for (const flags of ["", " --qr"]) {
      const { io, end } = await share(place, "a", `alice${flags}`, true);
      io.interrupt();
      const { out, err } = await end;
      assertEquals([out.includes("▀"), /only this machine can open the address/.test(err)], [
        flags !== "",
        flags === "",
      ]);
    }
  },
  { pageUrl: "http://127.0.0.1:6680" },
);

const LEFT = "KEYSHARE PUT ID 2026-01-02T03:04:05.000Z *";

for (
  const [why, replies, code, words] of [
    ["one that knows no parcels", ["421 x KEYSHARE :Unknown command"], 69, /passes no keys on/],
    ["one that refuses", ["FAIL KEYSHARE INVALID_PARCEL :No"], 77, /refuses: no/i],
    ["one that is full", ["FAIL KEYSHARE TEMPORARILY_UNAVAILABLE :Full"], 75, /full/i],
    ["one where the time is over", [LEFT, "KEYSHARE EXPIRED ID"], 75, /the code was not used in time/],
    ["one that is lost", [LEFT, ""], 75, /connection lost \(.*\), and the code with it/],
    [
      "another parcel's end is not this one's",
      [LEFT, "KEYSHARE FETCHED x 192.0.2.7", "KEYSHARE EXPIRED ID"],
      75,
      /not used/,
    ],
  ] satisfies (readonly [string, readonly string[], number, RegExp])[]
) {
  commandTest(`key share: at a server, ${why}: ${code}`, serverWithParcels(...replies), async (url) => {
    const told = await run(key, ["share", "alice", "--server", url], { env: { CHATTERBOX_KEY: KEY } });
    assertEquals(told.code, code, told.err);
    assertMatch(told.err, words);
  });
}

for (
  const [why, reply, code, words] of [
    ["one that knows no parcels", ":fake 451 * :You have not registered", 69, /passes no keys on/],
    [
      "one that has had too many wrong codes",
      ":fake FAIL KEYSHARE TEMPORARILY_UNAVAILABLE :Too many",
      75,
      /Too many/,
    ],
    ["one that bans", "ERROR :Closing Link: banned", 77, /banned/],
    ["one that gives something else", ":fake KEYSHARE GET ID AAEC", 65, /cannot be opened/],
    ["one that says nothing of it", "", 76, /is not an IRC server/],
  ] satisfies (readonly [string, string, number, RegExp])[]
) {
  const script: Script = async (peer) => {
    const [, id] = await peer.until(/^KEYSHARE GET (\S+)$/);
    if (reply !== "") await peer.send(":fake NOTICE * :Hello", reply.replace("ID", id!));
    peer.close();
  };
  commandTest(`key import --code: from a server, ${why}: ${code}`, script, async (url) => {
    const line = ["import", "alice", "--code", makeShareCode(), "--server", url];
    const told = await run(key, line, { stdin: "" });
    assertEquals([told.code, told.out], [code, ""], told.err);
    assertMatch(told.err, words);
  });
}

Deno.test({
  name: "key import --code: what is on standard input may be no line: 74; nothing listens: 69",
  permissions,
  async fn() {
    const line = ["import", "alice", "--server", "irc://127.0.0.1:1"];
    assertEquals((await run(key, [...line, "--code=-"], { stdin: "" })).code, 74);
    assertEquals((await run(key, [...line, `--code=${makeShareCode()}`], { stdin: "" })).code, 69);
  },
});

Deno.test({
  name: "key share: the server sees neither code nor key",
  permissions,
  fn: () =>
    withTempDir(async (home) => {
      const heard: string[] = [];
      let code = "";
      {
        const io = new FakeIo({ env: { XDG_CONFIG_HOME: home, CHATTERBOX_KEY: KEY } });
        await using server = new FakeServer(async (peer) => {
          await serverWithParcels(LEFT, "KEYSHARE EXPIRED ID")(peer, 0);
          heard.push(...peer.heard);
        });
        await key.run(["share", "alice", "--server", server.url], io);
        await io.flush();
        code = CODE.exec(io.out)![0].replaceAll("-", "");
      }
      const put = heard.find((line) => line.includes("KEYSHARE"))!;
      assert(put.includes(` PUT alice ${await deriveParcelId(code, "alice")} `), put);
      assertEquals((await sealKey(code, "alice", KEY)).parcel.length, put.split(" ").at(-1)!.length);
      for (const secret of [code, code.slice(0, 8), KEY]) assertEquals(put.includes(secret), false);
    }),
});

/** The modules that `lines` show, true where they are dark. */
function readModules(lines: readonly string[], isInk: boolean): boolean[][] {
  return lines.flatMap((line) => {
    const cells = [...line.replace("\x1b[30;107m", "").replace("\x1b[0m", "")];
    const row = (inks: string) => cells.map((cell) => inks.includes(cell) === isInk);
    return [row("█▀"), row("█▄")];
  });
}

pureTest("key share: the QR code is drawn module by module, in colour and without", () => {
  const { data, size } = encode("http://127.0.0.1:6680/#add=alice:7ZQK4M0XV1D8RBTA", { ecc: "L", border: 2 });
  assertEquals(size <= 40, true, "it fits a terminal of 40 columns");
  for (const hasColor of [true, false]) {
    assertEquals(readModules(drawModules(data, hasColor), hasColor).slice(0, size), data);
  }
});

pureTest("key share: a QR code that is wider than the terminal is not drawn", async () => {
  assertEquals(await drawQrCode("http://127.0.0.1:6680/#add=alice:7ZQK4M0XV1D8RBTA", 32, false), undefined);
});
