import { assertEquals } from "@std/assert";
import { isSecretInput } from "../../lib/client/commands/secret_input.ts";
import { pureTest } from "../support/test.ts";

const SECRET: readonly (readonly [line: string, view?: string])[] = [
  ["/oper alice hunter2"],
  [" /oper alice hunter2"],
  ["/oepr alice hunter2"],
  ["/join #ops key"],
  ["/mode #ops +k key"],
  ["/mode #ops +l-k 5 key"],
  ["/msg NickServ identify hunter2"],
  ["/msg Q@CServe.example.net auth alice hunter2"],
  ["identify hunter2", "NickServ"],
  ["/me identify hunter2", "NickServ"],
  ["/reply identify hunter2", "X@channels.example.org"],
];

pureTest("secret input: what may have a passphrase or a key", () => {
  for (const [line, view] of SECRET) assertEquals(isSecretInput(line, view), true, line);
});

pureTest("secret input: what people say to each other is kept", () => {
  for (const line of ["hello", "//etc", "/me waves", "/join #ops", "/msg bob hi", "/mode #ops +l 5"]) {
    assertEquals(isSecretInput(line, "#ops"), false, line);
  }
});
