/**
 * What a login costs, and that a wrong password takes as long as the right one: who measures answers learns nothing.
 *
 *     deno task bench
 */
import { utf8 } from "../../lib/base/bytes.ts";
import { assert } from "../../lib/base/assert.ts";
import { TestHub } from "../support/hub.ts";

const KEY = "k".repeat(43);
const PASSPHRASE = "a horse that staples";

/** A hub with two accounts: one with a key, one with what a person thought of. */
async function hub(): Promise<TestHub> {
  const test = new TestHub({ limits: { exempt: ["127.0.0.0/8"] } });
  for (const [name, password] of [["key", KEY], ["phrase", PASSPHRASE]] as const) {
    const session = test.enter(name);
    test.say(session, `REGISTER * * :${password}`);
    await test.errands();
  }
  return test;
}

const test = await hub();

for (
  const [group, cases] of Object.entries({
    "SASL PLAIN, account with a key": { right: ["key", KEY], wrong: ["key", "w".repeat(43)] },
    "SASL PLAIN, account with a passphrase": {
      right: ["phrase", PASSPHRASE],
      wrong: ["phrase", "a horse that stables"],
    },
    "SASL PLAIN, no such account": { wrong: ["nobody", "w".repeat(43)] },
  })
) {
  for (const [outcome, [name = "", password = ""]] of Object.entries(cases)) {
    Deno.bench(`${group}: ${outcome}`, { group }, async () => {
      const session = test.open();
      test.say(session, "CAP REQ sasl", "AUTHENTICATE PLAIN");
      test.say(session, `AUTHENTICATE ${utf8(`\0${name}\0${password}`).toBase64()}`);
      await test.errands();
      assert(test.heard(session).at(-1)!.includes(outcome === "right" ? " 903 " : " 904 "), "as expected");
      test.hub.close(session, "done", test.now);
      test.deliver();
    });
  }
}
