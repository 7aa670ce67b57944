import { assertEquals } from "@std/assert";
import { casefold, sameName } from "../../lib/irc/casemap.ts";

Deno.test({
  name: "casefold: A–Z and nothing else",
  permissions: "none",
  fn() {
    assertEquals(casefold("ABCXYZ"), "abcxyz");
    assertEquals(casefold("#LobbY"), "#lobby");
    assertEquals(casefold("already-low_09"), "already-low_09");
    assertEquals(casefold(""), "");
    // CASEMAPPING=rfc1459 would fold these, ascii does not.
    assertEquals(casefold("[]\\~{}|^@`"), "[]\\~{}|^@`");
    // Unicode would fold these: the Kelvin sign, İ, Ä, and the final sigma.
    assertEquals(casefold("A\u212aİÄΣ😀Z"), "a\u212aİÄΣ😀z");
  },
});

Deno.test({
  name: "sameName compares without case",
  permissions: "none",
  fn() {
    assertEquals(sameName("Alice", "aLICE"), true);
    assertEquals(sameName("alice", "alice"), true);
    assertEquals(sameName("alice", "alicf"), false);
    assertEquals(sameName("a[", "a{"), false);
  },
});
