/** Notify URLs: what is taken, and what is refused with which words. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { NOTIFY_URL_MAX_BYTES, notifyHost, parseNotifyUrl } from "../../lib/base/values/notify_url.ts";
import { pureTest } from "../support/test.ts";

/** Text → kind, URL without user and password, both of these decoded, host. */
const TAKEN: Readonly<
  Record<string, readonly [kind: string, href: string, credentials?: string | undefined, host?: string]>
> = {
  "https://hooks.example/a?b=c": ["webhook", "https://hooks.example/a?b=c"],
  "http://hooks.example": ["webhook", "http://hooks.example/"],
  "HTTPS://Hooks.Example:8443/x": [
    "webhook",
    "https://hooks.example:8443/x",
    undefined,
    "hooks.example:8443",
  ],
  "https://hooks.example:443/": ["webhook", "https://hooks.example/", undefined, "hooks.example"],
  "https://grün.example/ü": ["webhook", "https://xn--grn-ioa.example/%C3%BC"],
  "https://al%20ice:p%40ss@h.example/": ["webhook", "https://h.example/", "al ice:p@ss", "h.example"],
  "https://alice@h.example/": ["webhook", "https://h.example/", "alice:"],
  "ntfy+https://ntfy.sh/alice_alerts-1": ["ntfy", "https://ntfy.sh/alice_alerts-1"],
  "ntfy+http://:tk_secret@ntfy.example:8080/t?priority=5": [
    "ntfy",
    "http://ntfy.example:8080/t?priority=5",
    ":tk_secret",
    "ntfy.example:8080",
  ],
  "gotify+https://g.example/sub/message?token=T": ["gotify", "https://g.example/sub/message?token=T"],
  // Forms of addresses that a URL parser understands are addresses here, too, and are checked as such.
  "http://2130706433/": ["webhook", "http://127.0.0.1/"],
  "http://0x7f.1/": ["webhook", "http://127.0.0.1/"],
  "http://0177.0.0.1/": ["webhook", "http://127.0.0.1/"],
  "http://127.1/": ["webhook", "http://127.0.0.1/"],
  "http://127.0.0.1./": ["webhook", "http://127.0.0.1/"],
  "http://１２７。0。0。1/": ["webhook", "http://127.0.0.1/"],
  "http://[::ffff:7f00:1]/": ["webhook", "http://[::ffff:7f00:1]/"],
};

pureTest("notify URLs: kind, address, user and password", () => {
  for (const [text, [kind, href, credentials, host]] of Object.entries(TAKEN)) {
    const parsed = parseNotifyUrl(text);
    assert(typeof parsed === "object", `${text}: ${parsed}`);
    assertEquals([parsed.kind, parsed.url.href, parsed.credentials], [kind, href, credentials], text);
    if (host !== undefined) assertEquals(notifyHost(parsed), host);
  }
});

/** What is wrong, by the pattern of its words. */
const REFUSED: readonly (readonly [RegExp, ...string[]])[] = [
  [/^the URL does not begin with https:, /, "", "alice", "hooks.example/a", "ftp://h/", "file:///etc/passwd"],
  [/does not begin with/, "https:/h.example/", "https:h", "mailto:a@b", "ntfy://h/t", "unix+http://h/"],
  [/does not begin with/, "gotify+ntfy+https://h/message?token=SECRET", "javascript:SECRET//https://"],
  [
    /space or a control character/,
    "https://h/SECRET b",
    "https://h/\r\nHost:SECRET",
    "https://h/\tSECRET",
    " https://h/",
  ],
  [/^the URL is malformed/, "https://", "https://h:99999/SECRET", "https://h:a/", "http://[fe80::1%25eth0]/"],
  [
    /^the URL is malformed/,
    "http://[fe80::1%eth0]/SECRET",
    "http://256.1.1.1/",
    "http://1.2.3.4.5/",
    "http://a^b/",
  ],
  [/has a "#"/, "https://h/a#SECRET", "https://u:pa#SECRET@h/", "https://h/#"],
  [/port 0/, "http://h:0/SECRET"],
  [
    /no valid host name/,
    `http://${`${"b".repeat(62)}.`.repeat(5)}/`,
    "http://./",
  ],
  [/longer than 400 bytes/, `https://h/${"a".repeat(NOTIFY_URL_MAX_BYTES)}`, `https://h/${"ü".repeat(200)}`],
  [
    /topic of ntfy/,
    "ntfy+https://ntfy.sh",
    "ntfy+https://ntfy.sh/a/",
    "ntfy+https://h/a.SECRET",
    "ntfy+https://h/ü",
  ],
  [
    /Gotify's messages/,
    "gotify+https://h/message",
    "gotify+https://h/?token=SECRET",
    "gotify+https://h/message?token=",
  ],
  [/a colon/, "https://a%3Ab:SECRET@h/"],
  [/control character$/, "https://a:SECRET%0d%0a@h/"],
  [/write % as %25/, "https://a:SECRET%zz@h/", "https://%ff:SECRET@h/"],
];

pureTest("notify URLs: a refusal says what to write, and never quotes what may be secret", () => {
  for (const [pattern, ...texts] of REFUSED) {
    for (const text of texts) {
      const why = parseNotifyUrl(text);
      assert(typeof why === "string", text);
      assertMatch(why, pattern, text);
      assert(!why.includes("SECRET"), why);
    }
  }
});

pureTest("notify URLs: the longest one is taken", () => {
  const longest = "https://h/".padEnd(NOTIFY_URL_MAX_BYTES, "a");
  assertEquals(typeof parseNotifyUrl(longest), "object");
});
