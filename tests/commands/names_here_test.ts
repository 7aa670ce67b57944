/** What a command says that is run under a name that has no key here, or an old one. */
import { assertEquals, assertMatch } from "@std/assert";
import { command as join } from "../../commands/join.ts";
import { command as key } from "../../commands/key.ts";
import { command as list } from "../../commands/list.ts";
import { command as logs } from "../../commands/logs.ts";
import { command as register } from "../../commands/register.ts";
import { command as send } from "../../commands/send.ts";
import { placeTest } from "./machines.ts";

placeTest("logs --with, logs --search: without a key direct messages are refused", async ({ on }) => {
  const none = await on("a", logs, "--with carol");
  assertEquals([none.code, none.out], [67, ""]);
  assertMatch(
    none.err,
    /^chatterbox: no such user: carol\nchatterbox: no key of tester for .*--passphrase-file FILE\n$/,
  );
  assertEquals((await on("b", register, "carol")).code, 0);
  const known = await on("a", logs, "--with carol");
  assertEquals([known.code, known.out], [77, ""]);
  assertMatch(known.err, /^chatterbox: no key of tester for .*--passphrase-file FILE\n$/);
  for (const name of ["bob", "alice"]) assertEquals((await on("a", register, name)).code, 0);
  const others = await on("a", logs, "--with carol");
  assertEquals([others.code, others.out], [77, ""]);
  assertMatch(
    others.err,
    /; there are keys of alice, bob here: choose one with --name NAME or CHATTERBOX_NAME; /,
  );
  for (
    const flags of [
      "--name dave",
      "--name dave --with carol",
      "--with carol",
      "--name dave --room tea in:bob",
    ]
  ) {
    const search = await on("a", logs, `-s words ${flags}`);
    assertEquals([search.code, search.out], [77, ""]);
    assertMatch(search.err, /^chatterbox: no key of (dave|tester) for .*--passphrase-file FILE\n$/);
  }
  const named = await on("a", logs, "--with carol --name bob");
  assertEquals([named.code, named.err], [0, ""]);
});

placeTest(
  "where only accounts are let in, list and logs say which names have a key, and take one by --name",
  async ({ on }) => {
    assertEquals((await on("a", register, "vera")).code, 0);
    for (const command of [list, logs]) {
      const refused = await on("a", command, "--no-color");
      assertEquals(refused.code, 77);
      assertMatch(
        refused.err,
        /; there are keys of vera here: choose one with --name NAME or CHATTERBOX_NAME\n$/,
      );
      assertEquals((await on("a", command, "--no-color --name vera")).code, 0);
    }
  },
  { accounts: "required" },
);

placeTest(
  "a key that was replaced elsewhere is said to be of no more use, and not only the name taken",
  async (place) => {
    const { on } = place;
    assertEquals((await on("a", register, "alice")).code, 0);
    const old = (await on("a", key, "export alice")).out;
    assertEquals((await on("b", key, "import alice", { stdin: old })).code, 0);
    assertEquals((await on("a", register, "alice --change")).code, 0);
    for (const [command, line] of [[join, "alice"], [send, "#lobby --from alice hi"]] as const) {
      const refused = await on("b", command, line, { stdin: "hi\n" });
      assertEquals(refused.code, 77);
      assertMatch(
        refused.err,
        /the key of alice on this machine is not valid any more on .*chatterbox key import alice/,
      );
    }
    const stranger = await on("c", join, "alice", { stdin: "hi\n" });
    assertMatch(stranger.err, /the name alice is registered on /);
  },
);
