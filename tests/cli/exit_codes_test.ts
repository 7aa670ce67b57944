import { assertEquals } from "@std/assert";
import { EXIT, EXIT_CODES, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import type { StopReason } from "../../lib/cli/exit_codes.ts";
import { pureTest } from "../support/test.ts";

pureTest("each code has one sentence, in the order of the numbers", () => {
  const codes = EXIT_CODES.map(([code]) => code);
  assertEquals(codes, Object.values(EXIT));
  assertEquals(codes, codes.toSorted((a, b) => a - b));
});

pureTest("an interruption has the exit code of its reason; a reader that went away is a success", () => {
  const code = (reason: StopReason) => exitCodeForSignal(AbortSignal.abort(reason));
  assertEquals(code({ why: "SIGHUP" }), 129);
  assertEquals(code({ why: "SIGINT" }), 130);
  assertEquals(code({ why: "SIGQUIT" }), 131);
  assertEquals(code({ why: "SIGTERM" }), 143);
  assertEquals(code({ why: "reader_gone" }), 0);
  assertEquals(code({ why: "write_failed", text: "no space" }), 74);
});
