/// <reference lib="dom" />
/** Why a key that another device shares could not be had, in words. */
import { assertEquals } from "@std/assert";
import { parseMessage } from "../../lib/irc/message.ts";
import { describeFetchFailure } from "../../lib/page/state/late/key_addition.ts";
import { parseAddition } from "../../lib/page/connection/key_link.ts";
import { pureTest } from "../support/test.ts";

pureTest("page: each failure of a code has a sentence of its own", () => {
  const codes = ["NO_SUCH_PARCEL", "ALREADY_FETCHED", "PARCEL_EXPIRED", "TEMPORARILY_UNAVAILABLE"];
  const words = codes.map((code) =>
    describeFetchFailure(parseMessage(`:irc.test FAIL KEYSHARE ${code} :Too many\x1b`), "alice")
  );
  assertEquals(words, [
    "There is no such code for alice. Check both.",
    "This code has been used already. Make another one; if you did not use it, change the key.",
    "This code has expired or was withdrawn. Make another one.",
    "The server refuses: Too many␛",
  ]);
  assertEquals(describeFetchFailure(undefined, "alice"), "The server cannot be reached. Try again.");
  assertEquals(describeFetchFailure(parseMessage("ERROR :banned"), "alice"), "The server refuses: banned");
});

pureTest(
  "page: a link that adds a browser is read in each of its forms, and known where it is not whole",
  () => {
    const whole = ["#add=alice:7ZQK", "#ADD=alice:7ZQK", "#add=alice%3A7ZQK", "#add=%61lice:7ZQK"];
    for (const link of whole) assertEquals(parseAddition(link), { name: "alice", code: "7ZQK" }, link);
    const malformed = ["#add=", "#Add=alice", "#add=%:7ZQK", "#add=:7ZQK", "#add=a b:7ZQK", "#add=alice:"];
    for (const link of malformed) assertEquals(parseAddition(link), { name: "", code: "" }, link);
    for (const other of ["", "#addalice:7ZQK", "#/lobby?add=a:7ZQK"]) {
      assertEquals(
        parseAddition(other),
        undefined,
      );
    }
  },
);
