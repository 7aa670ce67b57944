import { assertEquals } from "@std/assert";
import {
  CAP,
  CAPABILITIES,
  findCapability,
  FORM_COUNT,
  FORM_MASK,
  formatCapList,
  formatCapLs,
  QUIET_CAP,
} from "../../lib/irc/capabilities.ts";

Deno.test({
  name: "caps: every bit of CAP is one bit, and has one capability",
  permissions: "none",
  fn() {
    const bits = Object.values(CAP).toSorted((a, b) => a - b);
    assertEquals(bits, bits.map((_, i) => 1 << i));
    const loud = CAPABILITIES.filter((cap) => cap.bit !== 0).map((cap) => cap.bit);
    assertEquals([...new Set(loud)].toSorted((a, b) => a - b), bits);
    // Only two names of the same thing share a bit.
    const shared = CAPABILITIES.filter(({ bit }) => loud.indexOf(bit) !== loud.lastIndexOf(bit));
    assertEquals(shared.map((cap) => cap.name), [
      "no-implicit-names",
      "draft/no-implicit-names",
      "draft/metadata-2",
      "draft/metadata-3",
    ]);
  },
});

Deno.test({
  name:
    "caps: what no line to others depends on has a bit among its own kind, and one of CAP only for its form",
  permissions: "none",
  fn() {
    const quiet = CAPABILITIES.filter((cap) => cap.quiet !== undefined);
    const forms = quiet.filter((cap) => cap.bit !== 0);
    assertEquals(forms.map((cap) => [cap.name, cap.bit]), [
      ["draft/metadata-2", CAP.metadata],
      ["draft/metadata-3", CAP.metadata],
    ]);
    assertEquals(quiet.map((cap) => cap.quiet).toSorted(), Object.values(QUIET_CAP).toSorted());
  },
});

Deno.test({
  name: "caps: the form's bits are the lowest, so that a form is an index",
  permissions: "none",
  fn() {
    assertEquals(FORM_MASK, CAP.messageTags | CAP.serverTime | CAP.seq | CAP.accountTag | CAP.extendedJoin);
    assertEquals(FORM_MASK + 1, FORM_COUNT);
    assertEquals(FORM_COUNT & FORM_MASK, 0);
  },
});

Deno.test({
  name: "capByName: exact names only",
  permissions: "none",
  fn() {
    for (const cap of CAPABILITIES) assertEquals(findCapability(cap.name), cap);
    assertEquals(findCapability("draft/chathistory")?.bit, CAP.chathistory);
    assertEquals(findCapability("chatterbox.chat/claim")?.bit, CAP.claim);
    for (const name of ["", "Message-Tags", "message-tags=1", "sasl=PLAIN", "constructor"]) {
      assertEquals(findCapability(name), undefined);
    }
  },
});

Deno.test({
  name: "listCaps: values are for those who asked with 302",
  permissions: "none",
  fn() {
    const names = CAPABILITIES.map((cap) => cap.name);
    const values = new Map([["batch", "x,y=z"]]);
    const withValue = names.map((name) => name === "batch" ? "batch=x,y=z" : name);
    assertEquals(formatCapLs(301, values), names);
    assertEquals(formatCapLs(302, values), withValue);
    assertEquals(formatCapLs(307, values), withValue);
  },
});

Deno.test({
  name: "capNames: the names in a set of bits",
  permissions: "none",
  fn() {
    assertEquals(formatCapList(0), []);
    assertEquals(formatCapList(CAP.batch | CAP.messageTags), ["message-tags", "batch"]);
    assertEquals(formatCapList(CAP.batch, QUIET_CAP.chghost), ["batch", "chghost"]);
    assertEquals(formatCapList(0, QUIET_CAP.standardReplies), ["standard-replies"]);
  },
});

Deno.test({
  name: "caps: a name can stand in a list, and a vendor's capability says whose it is",
  permissions: "none",
  fn() {
    for (const { name, spec } of CAPABILITIES) {
      assertEquals(/^([a-z]+(\.[a-z]+)*\/)?[a-z0-9-]+$/.test(name), true, name);
      assertEquals(
        spec.startsWith("https://ircv3.net/specs/extensions/"),
        !name.startsWith("chatterbox.chat/"),
      );
    }
  },
});
