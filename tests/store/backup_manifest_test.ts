/** The manifest of a backup: read as it was written, and nothing else is taken for one. */
import { assertEquals } from "@std/assert";
import { encodeManifest, type Manifest, parseManifest } from "../../lib/store/backup/manifest.ts";
import { pureTest } from "../support/test.ts";

const MANIFEST: Manifest = {
  program: "0.1.0",
  logId: "je5bfy62s5bm",
  created: 1_700_000_000_000,
  through: 4711,
  files: [
    { name: "log.ring", bytes: 69632, sha256: "0".repeat(64) },
    { name: "tls/key.pem", bytes: 241, sha256: "f".repeat(64) },
  ],
  isWithoutArchive: false,
};

/** What is said of the manifest with these fields in place of its own. */
function faultWith(fields: Record<string, unknown>): string {
  const outcome = parseManifest(JSON.stringify({ ...JSON.parse(encodeManifest(MANIFEST)), ...fields }));
  return outcome.kind === "ok" ? "ok" : outcome.why;
}

function withFile(file: Record<string, unknown>): string {
  return faultWith({ files: [...MANIFEST.files, { bytes: 1, sha256: "0".repeat(64), ...file }] });
}

pureTest("backup manifest: read as it was written", () => {
  assertEquals(parseManifest(encodeManifest(MANIFEST)), { kind: "ok", manifest: MANIFEST });
  const without = { ...MANIFEST, isWithoutArchive: true };
  assertEquals(parseManifest(encodeManifest(without)), { kind: "ok", manifest: without });
  assertEquals(faultWith({ note: "a field of a later program" }), "ok");
});

pureTest("backup manifest: a newer format is refused, with the version that made it", () => {
  assertEquals(
    faultWith({ format: 2, program: "3.1.4", files: "elsewhere" }),
    "it has format version 2, made by ChatterBox 3.1.4; this program supports 1",
  );
});

pureTest("backup manifest: names lead to known files alone, each once, and the history is among them", () => {
  assertEquals(withFile({ name: "cloak.key" }), "ok");
  const invalid = "its list of files is invalid";
  for (const name of ["../cloak.key", "/etc/passwd", "tls/../log.ring", "other", "log.ring", "", 7, null]) {
    assertEquals(withFile({ name }), invalid, String(name));
  }
  assertEquals(faultWith({ files: [] }), invalid);
  assertEquals(faultWith({ files: [MANIFEST.files[1]] }), invalid);
  assertEquals(withFile({ name: "cloak.key", bytes: -1 }), invalid);
  assertEquals(withFile({ name: "cloak.key", sha256: "0" }), invalid);
});

pureTest("backup manifest: what is none, or lacks a field", () => {
  const why = (text: string) => {
    const outcome = parseManifest(text);
    return outcome.kind === "bad" && outcome.why;
  };
  assertEquals(why(""), "it is not JSON");
  for (const text of ["[]", "null", "{}", '{"format": "1"}']) {
    assertEquals(why(text), "it is not the manifest of a backup");
  }
  for (const field of ["program", "log", "created", "through"]) {
    assertEquals(faultWith({ [field]: undefined }), "a field is missing or invalid", field);
  }
  assertEquals(faultWith({ created: "yesterday" }), "a field is missing or invalid");
});
