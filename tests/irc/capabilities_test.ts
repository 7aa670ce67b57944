import { assert, assertEquals } from "@std/assert";
import { CapSet, MAX_CAPS } from "../../lib/irc/cap_set.ts";
import {
  CAP,
  CAPABILITIES,
  findCapability,
  FORM,
  FORM_CAPS,
  FORM_COUNT,
  formatCapList,
  formatCapLs,
  formOf,
} from "../../lib/irc/capabilities.ts";
import { pureTest } from "../support/test.ts";

pureTest("caps: every place of CAP is another one, fits a set, and has a capability", () => {
  const places = Object.values(CAP).toSorted((a, b) => a - b);
  assertEquals(places, places.map((_, i) => i));
  assert(places.length <= MAX_CAPS);
  const offered = CAPABILITIES.map(({ cap }) => cap as number);
  // CAP.metadata is enabled by either version of it.
  assertEquals(new Set([...offered, CAP.metadata]), new Set<number>(places));
  // Only two names of the same thing share a place.
  const shared = CAPABILITIES.filter(({ cap }) => offered.indexOf(cap) !== offered.lastIndexOf(cap));
  assertEquals(shared.map(({ name }) => name), ["no-implicit-names", "draft/no-implicit-names"]);
});

pureTest("caps: the form's capabilities have the lowest places, so that a form is an index", () => {
  const bits = Object.values(FORM).reduce((sum, bit) => sum | bit, 0);
  assertEquals(bits + 1, FORM_COUNT);
  assertEquals(formOf(CapSet.ofWords(-1, -1)), bits);
  assertEquals(formOf(FORM_CAPS), bits);
  assertEquals(formOf(CapSet.of(CAP.batch, CAP.metadata3)), 0);
});

pureTest("capByName: exact names only", () => {
  for (const cap of CAPABILITIES) assertEquals(findCapability(cap.name), cap);
  assertEquals(findCapability("draft/chathistory")?.cap, CAP.chathistory);
  assertEquals(findCapability("chatterbox.chat/claim")?.cap, CAP.claim);
  for (const name of ["", "Message-Tags", "message-tags=1", "sasl=PLAIN", "constructor"]) {
    assertEquals(findCapability(name), undefined);
  }
});

pureTest("listCaps: values are for those who asked with 302", () => {
  const names = CAPABILITIES.map((cap) => cap.name);
  const values = new Map([["batch", "x,y=z"]]);
  const withValue = names.map((name) => name === "batch" ? "batch=x,y=z" : name);
  assertEquals(formatCapLs(301, values), names);
  assertEquals(formatCapLs(302, values), withValue);
  assertEquals(formatCapLs(307, values), withValue);
});

pureTest("capNames: the names in a set", () => {
  assertEquals(formatCapList(CapSet.EMPTY), []);
  assertEquals(formatCapList(CapSet.of(CAP.batch, CAP.messageTags)), ["message-tags", "batch"]);
  assertEquals(formatCapList(CapSet.of(CAP.batch, CAP.chghost)), ["batch", "chghost"]);
  assertEquals(formatCapList(CapSet.of(CAP.standardReplies)), ["standard-replies"]);
});

pureTest("caps: a name can stand in a list, and a vendor's capability says whose it is", () => {
  for (const { name, spec } of CAPABILITIES) {
    assertEquals(/^([a-z]+(\.[a-z]+)*\/)?[a-z0-9-]+$/.test(name), true, name);
    assertEquals(
      spec.startsWith("https://"),
      !name.startsWith("chatterbox.chat/"),
    );
  }
});
