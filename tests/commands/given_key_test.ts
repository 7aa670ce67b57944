/** A key from the environment or a file that is named: for machines that keep none. */
import { assertEquals, assertMatch } from "@std/assert";
import { command as join } from "../../commands/join.ts";
import { command as key } from "../../commands/key.ts";
import { command as list } from "../../commands/list.ts";
import { command as logs } from "../../commands/logs.ts";
import { command as register } from "../../commands/register.ts";
import { command as send } from "../../commands/send.ts";
import { command as token } from "../../commands/token.ts";
import { command as unregister } from "../../commands/unregister.ts";
import type { Command } from "../../lib/cli/command.ts";
import { FakeServer, OUR_CAPS } from "../client/fake_server.ts";
import { inPlace, placeTest } from "./machines.ts";
import type { Place } from "./machines.ts";

const OK = { code: 0, out: "", err: "" };

/** A key of the right form, and one that is not. */
const OTHER = "o".repeat(43);
const WRONG = "not-a-key-but-secret";

/** The key of ci, which machine "a" has registered. */
async function keyOfCi({ on }: Place): Promise<string> {
  assertEquals((await on("a", register, "ci")).code, 0);
  return (await on("a", key, "export ci")).out;
}

/** No folder for anything. */
const HOMELESS = { HOME: "", XDG_CONFIG_HOME: "", XDG_STATE_HOME: "", USER: "" };

placeTest(
  "given key: every command that logs in takes it, and nothing is written to the disk",
  async (place) => {
    const { on, file, keys } = place;
    const exported = await keyOfCi(place);
    const path = await file(exported);
    const variable = { env: { CHATTERBOX_KEY: exported.trim(), CHATTERBOX_NAME: "ci" } };
    assertEquals(await on("b", send, "#lobby --from ci one", variable), OK);
    assertEquals(await on("b", send, `ci --from ci --key-file ${path} two`), OK);
    assertEquals((await on("b", join, "ci", { ...variable, stdin: "three\n" })).code, 0);
    assertMatch((await on("b", logs, "--with ci", variable)).out, / ci: two\n$/);
    assertEquals((await on("b", list, "--rooms", variable)).code, 0);
    assertMatch(
      (await on("b", register, "ci", variable)).out,
      /^ci is yours already on .*; the key is the one from CHATTERBOX_KEY\n$/,
    );
    assertMatch((await on("b", unregister, `ci --yes --key-file ${path}`)).out, /^ci is free on /);
    assertEquals(await keys("b"), []);
  },
);

placeTest("given key: without a home it does; without it, that is said", async (place) => {
  const { on } = place;
  const CHATTERBOX_KEY = await keyOfCi(place);
  assertEquals(await on("b", send, "#lobby --from ci hi", { env: { ...HOMELESS, CHATTERBOX_KEY } }), OK);
  const keyless = await on("b", send, "#lobby --from bot hi", { env: HOMELESS });
  assertEquals(keyless.code, 0);
  assertMatch(
    keyless.err,
    /^chatterbox: continuing without a key for the name: there is no configuration folder \(HOME is not set\); CHATTERBOX_KEY or --key-file gives one\n$/,
  );
  assertEquals(await on("c", send, "#lobby --from bot hi"), OK, "nothing was registered");
});

placeTest(
  "given key: a name that it is not of is refused by that key's name, and not registered with it unless by register",
  async (place) => {
    const { on, file, keys } = place;
    assertEquals((await on("a", register, "carol")).code, 0);
    const path = await file(`${OTHER}\n`);
    for (const name of ["carol", "new"]) {
      const refused = await on("b", send, `#lobby --from ${name} --key-file ${path} hi`);
      assertEquals(refused.code, 77, name);
      assertMatch(
        refused.err,
        new RegExp(
          `the key from .* is not that of ${name} on .*chatterbox register ${name} registers it with this key\n$`,
        ),
      );
    }
    assertEquals(await on("c", send, "#lobby --from new hi"), OK, "nothing was registered");
    assertEquals((await on("b", register, `ci --key-file ${path}`)).code, 0);
    assertEquals(await on("b", send, `#lobby --from ci --key-file ${path} hi`), OK);
    assertEquals(await keys("b"), []);
  },
);

placeTest(
  "without a home: a login name is given no key anyway, and nothing is said of that",
  async ({ on }) => {
    assertEquals(await on("a", send, "#lobby hi", { env: { ...HOMELESS, USER: "root" } }), OK);
  },
);

placeTest(
  "given key: it has to be that of the name; a login name is not registered with it",
  async (place) => {
    const { on } = place;
    const CHATTERBOX_KEY = await keyOfCi(place);
    const env = { CHATTERBOX_KEY, USER: "root" };
    for (
      const [command, line] of [[send, "#lobby hi"], [join, "--no-color"], [logs, "--with bob"]] as const
    ) {
      const { code, err } = await on("b", command, line, { env, stdin: "hi\n" });
      assertEquals(code, 77, line);
      assertMatch(
        err,
        /the key from CHATTERBOX_KEY is not that of root on .*root is your login name: give the name that the key is for/,
      );
      assertEquals(err.includes(CHATTERBOX_KEY.trim()), false);
    }
    assertEquals((await on("b", list, "--rooms", { env })).code, 0, "list needs no name");
    assertEquals((await on("b", send, "#lobby --from ci hi", { env: { CHATTERBOX_KEY: OTHER } })).code, 77);
  },
);

placeTest(
  "given key: one that will not do is refused before anything is sent, and not shown",
  async ({ on, file }) => {
    const path = await file(`${WRONG}\n`);
    const open = await file(`${OTHER}\n`);
    await Deno.chmod(open, 0o644);
    const commands: (readonly [Command, string])[] = [
      [send, "#lobby --from ci hi"],
      [join, "ci"],
      [logs, "--with bob"],
      [list, "--rooms"],
      [register, "ci"],
      [unregister, "ci --yes"],
      [token, "list --name ci"],
    ];
    for (const [command, line] of commands) {
      const faults = [
        await on("a", command, line, { env: { CHATTERBOX_KEY: WRONG }, stdin: "" }),
        await on("a", command, `${line} --key-file ${path}`, { stdin: "" }),
        await on("a", command, `${line} --key-file ${open}`, { stdin: "" }),
        await on("a", command, `${line} --key-file /no/such/file`, { stdin: "" }),
      ];
      assertEquals(faults.map(({ code }) => code), [78, 78, 78, 78], line);
      const whole = faults.map(({ err }) => err).join("");
      assertMatch(
        whole,
        /CHATTERBOX_KEY: not a key.*: not a key.*chmod 600 .*\/no\/such\/file: no such file/s,
      );
      assertEquals([whole.includes(WRONG), whole.includes(OTHER)], [false, false], line);
    }
    const both = await on("a", send, `#lobby --key-file ${open} --passphrase-file ${path} hi`);
    assertEquals(both.code, 64);
  },
);

placeTest("given key: a flag comes before the environment, a passphrase before both", async (place) => {
  const { on, file } = place;
  const path = await file(await keyOfCi(place));
  const env = { CHATTERBOX_KEY: OTHER };
  assertEquals(await on("b", send, `#lobby --from ci --key-file ${path} hi`, { env }), OK);
  const passphrase = await file("correct horse\n");
  assertEquals((await on("a", register, `bob --passphrase-file ${passphrase}`)).code, 0);
  assertEquals(await on("b", send, `#lobby --from bob --passphrase-file ${passphrase} hi`, { env }), OK);
});

Deno.test("given key: where others can listen it is proved and not said", async () => {
  const said: string[] = [];
  await using server = new FakeServer(async (peer) => {
    await peer.until(/^CAP LS/);
    await peer.send(
      `:fake CAP * LS :${OUR_CAPS.join(" ")} sasl=PLAIN draft/account-registration=before-connect`,
    );
    const [, wanted] = await peer.until(/^CAP REQ :(.*)$/);
    await peer.send(`:fake CAP * ACK :${wanted}`);
    await peer.gone();
    said.push(...peer.heard);
  });
  // This machine by an address that is not known for it.
  const url = server.url.replace("127.0.0.1", "0.0.0.0");
  await server.run(inPlace(url, async ({ on }) => {
    const env = { CHATTERBOX_KEY: OTHER };
    for (
      const ran of [
        await on("a", send, "#lobby --from ci hi", { env }),
        await on("a", register, "ci", { env }),
      ]
    ) {
      assertEquals(ran.code, 77);
      assertMatch(ran.err, /does not know the key of ci from CHATTERBOX_KEY; .* use TLS/);
    }
  }));
  assertEquals(said.filter((line) => line.includes(OTHER)), []);
});
