import { assertEquals } from "@std/assert";
import * as numerics from "../../lib/irc/numerics.ts";
import { pureTest } from "../support/test.ts";

const table = Object.entries(numerics);

pureTest("numerics: three digits each, errors where errors are", () => {
  for (const [name, code] of table) {
    assertEquals(/^[0-9]{3}$/.test(code), true, name);
    // Replies are below 400 and errors from there on, but for what came after the RFCs (from 600 on both are mixed).
    if (code < "600") assertEquals(name.startsWith("ERR_"), code >= "400", `${name} = ${code}`);
  }
});

pureTest("numerics: no code has two names", () => {
  const codes = table.map(([, code]) => code);
  assertEquals(codes.filter((code, i) => codes.indexOf(code) !== i), []);
});

pureTest("numerics: those that clients live by are what RFC 2812 section 5 says", () => {
  assertEquals(numerics.RPL_WELCOME, "001");
  assertEquals(numerics.RPL_ISUPPORT, "005");
  assertEquals(numerics.RPL_ENDOFWHO, "315");
  assertEquals(numerics.RPL_WHOREPLY, "352");
  assertEquals(numerics.RPL_NAMREPLY, "353");
  assertEquals(numerics.RPL_ENDOFNAMES, "366");
  assertEquals(numerics.RPL_ENDOFMOTD, "376");
  assertEquals(numerics.ERR_NOSUCHNICK, "401");
  assertEquals(numerics.ERR_NICKNAMEINUSE, "433");
  assertEquals(numerics.ERR_NEEDMOREPARAMS, "461");
});
