import { assertEquals } from "@std/assert";
import { passwordFault } from "../../lib/hub/services/accounts/passwords.ts";
import { passphraseFault } from "../../lib/irc/sasl/passphrase.ts";
import { pureTest } from "../support/test.ts";

pureTest(
  "passphraseFault: on one line, as long as some server of ours may take it; how long it is at least is the server's to say",
  () => {
    for (const text of ["12345678", "é".repeat(4), "x".repeat(300), "correct horse battery"]) {
      assertEquals([passphraseFault(text), passwordFault(text, "alice")], [undefined, undefined], text);
    }
    for (const [text, min] of [["1234", 4], ["é".repeat(2), 4], ["x".repeat(43), 43]] as const) {
      assertEquals([passphraseFault(text), passwordFault(text, "alice", min)], [undefined, undefined], text);
      assertEquals(passwordFault(text.slice(1), "alice", min)?.code, "WEAK_PASSWORD");
    }
    for (
      const text of ["", "123", "é", "x".repeat(301), "é".repeat(151), "one\ntwo and three"]
    ) {
      assertEquals(typeof passphraseFault(text), "string", text);
    }
  },
);
