import { assertEquals } from "@std/assert";
import { isUtf8 } from "../../lib/base/utf8_validator.ts";
import { pureTest } from "../support/test.ts";

const strict = new TextDecoder("utf-8", { fatal: true });

function decodes(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

pureTest(
  "utf8: every two bytes, and every third and fourth that matters, are judged as the platform's decoder does",
  () => {
    const edges = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
    const judge = (...bytes: number[]) =>
      assertEquals(isUtf8(Uint8Array.from(bytes)), decodes(Uint8Array.from(bytes)), bytes.join());
    for (let first = 0x70; first < 256; first++) {
      for (let second = 0x70; second < 256; second++) judge(first, second);
      if (first < 0xc0) continue;
      for (const second of edges) {
        for (const third of edges) {
          judge(first, second, third);
          for (const fourth of edges) judge(first, second, third, fourth);
        }
      }
    }
  },
);
