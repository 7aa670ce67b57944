/** Exit codes and words of what went wrong, for each kind of it: pure. */
import { assertEquals } from "@std/assert";
import type { ClientLogin } from "../../commands/support/client_login.ts";
import type { ConnectFailure } from "../../lib/client/connection/connect_failure.ts";
import { describeConnectFailure } from "../../commands/support/connect_failure_text.ts";
import { describeSubmissionFailure, type SubmissionFailure } from "../../commands/send/submission_text.ts";
import { formatAddress } from "../../lib/net/address.ts";
import { pureTest } from "../support/test.ts";

const ACCESS = {
  name: "alice",
  address: { kind: "tcp", host: "chat.example", port: 6667 },
  registration: { nick: "alice" },
} as unknown as ClientLogin;
const ERRAND = { access: ACCESS, target: "bob", id: "id1", timeoutMs: 5000 };

const FAILURES: readonly (readonly [failure: ConnectFailure, code: number])[] = [
  [{ kind: "no_such_host", text: "x" }, 68],
  [{ kind: "unreachable", text: "x" }, 69],
  [{ kind: "not_irc", text: "x" }, 76],
  [{ kind: "untrusted", text: "x" }, 77],
  [{ kind: "timed_out", text: "x" }, 75],
  [{ kind: "aborted", text: "x" }, 130],
  [{ kind: "refused", reason: "try_later", text: "x" }, 75],
  ...([
    "name_taken",
    "in_use",
    "bad_name",
    "password",
    "banned",
    "claim",
    "not_ours",
    "forgotten",
    "wrong_passphrase",
    "impostor",
    "account_required",
    "logged_out",
    "closed",
  ] as const).map((reason) => [{ kind: "refused", reason, text: "x" } as const, 77] as const),
];

for (const [failure, code] of FAILURES) {
  const what = failure.kind === "refused" ? `${failure.kind}, ${failure.reason}` : failure.kind;
  pureTest(
    `failure words: ${what}: ${code}`,
    () => assertEquals(describeConnectFailure(failure, ACCESS).code, code),
  );
}

pureTest("failure words: where an account is wanted and was not made, the reason comes first", () => {
  const refused = { kind: "refused", reason: "account_required", text: "You need an account" } as const;
  const { text } = describeConnectFailure(
    { ...refused, unregistered: "A passphrase has at least 12 bytes" },
    ACCESS,
  );
  const { name, address } = ACCESS;
  assertEquals(
    text,
    `${
      formatAddress(address)
    } refuses to register ${name}: A passphrase has at least 12 bytes; it admits accounts only`,
  );
});

pureTest("failure words: a port that speaks TLS: 76", () => {
  const text = "Closing Link: this port speaks TLS";
  assertEquals(describeConnectFailure({ kind: "refused", reason: "closed", text }, ACCESS), {
    code: 76,
    text: `${formatAddress(ACCESS.address)} speaks TLS: use ircs://${formatAddress(ACCESS.address)}`,
  });
});

pureTest("failure words: what the server says once more is left out, what it adds is kept", () => {
  const where = formatAddress(ACCESS.address);
  const expected = [
    ["banned", "You are banned from this server until noon: noise", `banned from ${where} until noon: noise`],
    ["banned", "Come back tomorrow", `banned from ${where}: Come back tomorrow`],
    ["logged_out", "You are now logged out: The key was changed", `on ${where}: The key was changed`],
    [
      "account_required",
      "This server requires a login to an account (SASL)",
      `${where} admits accounts only;`,
    ],
  ] as const;
  for (const [reason, text, words] of expected) {
    const said = describeConnectFailure({ kind: "refused", reason, text }, ACCESS).text;
    assertEquals(said.includes(words), true, said);
  }
});

const LOST = { kind: "lost", text: "reset" } as const;
const REPLY = { kind: "reply", text: "later" } as const;
const GONE = {
  kind: "reply",
  text: "No client of the receiver that was sent the message is still connected",
} as const;
const TIMED_OUT = { kind: "timed_out" } as const;

const OUTCOMES:
  readonly (readonly [name: string, outcome: SubmissionFailure, code: number, words: string])[] = [
    ["not durable", { kind: "not_durable", id: "m1", why: REPLY }, 71, "be on the server's disk"],
    ["not delivered", { kind: "not_delivered", id: "m1", why: REPLY }, 72, "have been delivered to bob"],
    ["not read", { kind: "not_read", id: "m1", why: REPLY }, 72, "have been read by bob"],
    [
      "no receipts, durable",
      { kind: "no_receipts", wait: "durable" },
      71,
      "is on its disk; nothing was sent",
    ],
    ["no receipts, delivered", { kind: "no_receipts", wait: "delivered" }, 72, "has been delivered"],
    ["no receipts, read", { kind: "no_receipts", wait: "read" }, 72, "has been read"],
    ["unclear", { kind: "unclear", why: LOST, safe: true }, 75, "it is safe to try again with --id id1"],
    [
      "unsent, lost",
      { kind: "unsent", why: LOST, isTemporary: true, safe: true },
      75,
      "lost before it was sent",
    ],
    ["unsent, reply", { kind: "unsent", why: REPLY, isTemporary: true, safe: true }, 75, "later"],
    [
      "unsent, no answer",
      { kind: "unsent", why: TIMED_OUT, isTemporary: true, safe: true },
      75,
      "no answer within 5s",
    ],
    ["no such user", { kind: "no_such_target", text: "absent" }, 67, "absent"],
    [
      "no such user, but such a room",
      { kind: "no_such_target", text: "absent", room: "#bob" },
      67,
      "absent; for the room, write '#bob'",
    ],
    [
      "not delivered, gone",
      { kind: "not_delivered", id: "m1", why: GONE },
      72,
      "delivered to bob: bob is offline",
    ],
    [
      "unusable inbox",
      {
        kind: "unsent",
        why: { kind: "unusable_carrier", why: "broken", text: "broken" },
        isTemporary: false,
        safe: true,
      },
      74,
      "broken; omit --local",
    ],
    ["too long", { kind: "too_long", text: "long" }, 65, "long"],
    ["refused", { kind: "refused", text: "muted" }, 77, "muted"],
    ["id in use", { kind: "id_in_use", text: "used before" }, 65, "used before"],
  ];

for (const [name, outcome, code, words] of OUTCOMES) {
  pureTest(`submission words: ${name}: ${code}`, () => {
    const said = describeSubmissionFailure(outcome, ERRAND, "");
    assertEquals([said.code, said.text.includes(words)], [code, true], said.text);
  });
}
