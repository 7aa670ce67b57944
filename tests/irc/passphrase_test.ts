import { assertEquals } from "@std/assert";
import { passwordFault } from "../../lib/hub/passwords.ts";
import { passphraseFault } from "../../lib/irc/passphrase.ts";

Deno.test({
  name: "passphraseFault: 8 to 300 bytes on one line; what passes is taken by our server",
  permissions: "none",
  fn() {
    for (const text of ["12345678", "é".repeat(4), "x".repeat(300), "correct horse battery"]) {
      assertEquals([passphraseFault(text), passwordFault(text, "alice")], [undefined, undefined], text);
    }
    for (
      const text of ["", "1234567", "é".repeat(3), "x".repeat(301), "é".repeat(151), "one\ntwo and three"]
    ) {
      assertEquals(typeof passphraseFault(text), "string", text);
    }
  },
});
