/** The code by which a key comes to another client, and the parcel that it opens. */
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import {
  deriveParcelId,
  formatShareCode,
  isKeyParcel,
  isKeyParcelId,
  makeShareCode,
  MAX_KEY_PARCEL_LENGTH,
  openParcel,
  parseShareCode,
  sealKey,
} from "../../lib/irc/key_share.ts";
import { pureTest } from "../support/test.ts";

const CODE = "7ZQK4M0XV1D8RBTA";
const KEY = "k".repeat(43);

/** Computed by another program: HKDF (RFC 5869) from HMAC-SHA-256, and AES-256-GCM of Python's cryptography 43. */
const KNOWN = {
  id: "EnmPhFgYDl6n_TazL2s5hA",
  parcel: "AAECAwQFBgcICQoLs-Cs08g27to3VRxxwiYnGTmQ5E8jNxKKVRJB5tNqhxmtQoxSY43B4OoutqB0xNtqq80DpPWCapIYPxc",
};

pureTest("key share: id and parcel are those that another program computes", async () => {
  assertEquals(await sealKey(CODE, "alice", KEY, Uint8Array.from({ length: 12 }, (_, nth) => nth)), KNOWN);
  assertEquals(await deriveParcelId(CODE, "alice"), KNOWN.id);
  assertEquals(await openParcel(CODE, "alice", KNOWN.parcel), KEY);
});

pureTest("key share: a name is the same in either case", async () => {
  assertEquals(await deriveParcelId(CODE, "ALICE"), KNOWN.id);
  assertEquals(await openParcel(CODE, "Alice", KNOWN.parcel), KEY);
});

pureTest("key share: another code, another name or a changed parcel opens nothing", async () => {
  const changed = KNOWN.parcel.replace("cs", "ct");
  assertNotEquals(await deriveParcelId(CODE, "alicia"), KNOWN.id);
  assertNotEquals(await deriveParcelId("7ZQK4M0XV1D8RBTB", "alice"), KNOWN.id);
  assertEquals(await openParcel(CODE, "alicia", KNOWN.parcel), undefined);
  assertEquals(await openParcel("7ZQK4M0XV1D8RBTB", "alice", KNOWN.parcel), undefined);
  assertEquals(await openParcel(CODE, "alice", changed.replace("-Cs0", "-Cs1")), undefined);
  for (const text of ["", "AAEC", "?"]) assertEquals(await openParcel(CODE, "alice", text), undefined);
});

pureTest("key share: what is no key is not taken for one", async () => {
  const { parcel } = await sealKey(CODE, "alice", "hello\r\nQUIT");
  assertEquals(await openParcel(CODE, "alice", parcel), undefined);
});

pureTest("key share: a parcel has the form that a server takes, and another nonce each time", async () => {
  const [first, second] = [await sealKey(CODE, "alice", KEY), await sealKey(CODE, "alice", KEY)];
  assertEquals([isKeyParcelId(first.id), isKeyParcel(first.parcel), first.parcel.length], [true, true, 95]);
  assertEquals(first.id, second.id);
  assertNotEquals(first.parcel, second.parcel);
});

pureTest("key share: ids and parcels of another form are none", () => {
  assertEquals(
    ["", "x".repeat(21), "x".repeat(23), "x".repeat(21) + "="].map(isKeyParcelId),
    Array(4).fill(false),
  );
  const parcels = ["x".repeat(MAX_KEY_PARCEL_LENGTH), "x".repeat(MAX_KEY_PARCEL_LENGTH + 1), "", "a b", "é"];
  assertEquals(parcels.map(isKeyParcel), [true, false, false, false, false]);
});

pureTest("key share: a code has 80 random bits", () => {
  const codes = Array.from({ length: 200 }, makeShareCode);
  for (const code of codes) assertMatch(code, /^[0-9A-HJKMNP-TV-Z]{16}$/);
  assertEquals(new Set(codes).size, codes.length);
  assertEquals(new Set(codes.join("")).size, 32);
});

pureTest("key share: a code is read as people write it", () => {
  assertEquals(formatShareCode(CODE), "7ZQK-4M0X-V1D8-RBTA");
  const typed = [
    "7ZQK-4M0X-V1D8-RBTA",
    CODE,
    " 7zqk 4mox vid8 rbta ",
    "7zqk4moxvld8rbta",
    "7-Z-Q-K4M0XV1D8RBTA",
  ];
  for (const text of typed) assertEquals(parseShareCode(text), CODE, text);
  const wrong = [
    "",
    "7ZQK-4M0X-V1D8-RBT",
    "7ZQK-4M0X-V1D8-RBTAA",
    "7ZQK-4M0X-V1D8-RBTU",
    "7ZQK_4M0X_V1D8_RBTA",
  ];
  for (const text of wrong) assertEquals(parseShareCode(text), undefined, text);
});
