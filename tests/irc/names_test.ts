import { assertEquals } from "@std/assert";
import { CHANNELLEN, NICKLEN } from "../../lib/irc/limits.ts";
import {
  isRoomName,
  NAME_FAULT_TEXT,
  type NickFault,
  nickFault,
  type RoomFault,
  roomFault,
} from "../../lib/irc/names.ts";

Deno.test({
  name: "nickFault: letters, digits, specials; no digit or hyphen first",
  permissions: "none",
  fn() {
    for (const nick of ["a", "Z", "alice", "a-b9", "[x]", "\\", "^_`", "{|}", "n".repeat(NICKLEN)]) {
      assertEquals(nickFault(nick), undefined, nick);
    }
    const bad: [string, NickFault][] = [
      ["", "empty"],
      ["n".repeat(NICKLEN + 1), "too_long"],
      ["9lives", "bad_start"],
      ["-x", "bad_start"],
    ];
    for (const [nick, fault] of bad) assertEquals(nickFault(nick), fault, nick);
  },
});

Deno.test({
  name: "nickFault: of all ASCII exactly the characters of RFC 2812 pass, and nothing beyond ASCII",
  permissions: "none",
  fn() {
    const good = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789[]\\`_^{|}-";
    for (let code = 0; code < 0x80; code++) {
      const char = String.fromCharCode(code);
      assertEquals(
        nickFault("x" + char),
        good.includes(char) ? undefined : "bad_character",
        `U+${code.toString(16)}`,
      );
    }
    for (const nick of ["é", "а", "x\u200b", "x\u202e", "😀"]) {
      assertEquals(nickFault(nick), "bad_character", nick);
    }
  },
});

Deno.test({
  name: "roomFault: # and visible characters of any script",
  permissions: "none",
  fn() {
    const good = [
      "#lobby",
      "#a",
      "##",
      "#a:b",
      "#C++",
      "#café",
      "#漢字",
      "#😀",
      "#a*?",
      "#" + "r".repeat(CHANNELLEN - 1),
    ];
    for (const room of good) assertEquals(roomFault(room), undefined, room);
  },
});

Deno.test({
  name: "roomFault: why a room's name is refused",
  permissions: "none",
  fn() {
    const bad: [string, RoomFault][] = [
      ["", "empty"],
      ["#", "empty"],
      ["lobby", "no_prefix"],
      ["&local", "no_prefix"],
      ["#" + "r".repeat(CHANNELLEN), "too_long"],
      ["#" + "漢".repeat(21) + "x", "too_long"], // 65 bytes
      ["#cafe\u0301", "not_nfc"],
    ];
    for (const [room, fault] of bad) assertEquals(roomFault(room), fault, room);
  },
});

Deno.test({
  name: "roomFault: what separates, controls, reorders or hides is refused",
  permissions: "none",
  fn() {
    const barred = [
      ...[0x20, 0x2c, 0x07, 0x00, 0x0d, 0x0a, 0x1b, 0x7f, 0x85, 0x9b], // separators and controls
      ...[0xa0, 0x2003, 0x3000, 0x2028, 0x2029], // other spaces
      ...[0x202a, 0x202e, 0x2066, 0x2069, 0x200e, 0x200f, 0x61c], // bidi
      ...[0xad, 0x200b, 0x200c, 0x200d, 0x2060, 0xfeff, 0x34f, 0x115f, 0x3164, 0x2800, 0xfe0f], // invisible
      ...[0xe0041, 0xe0100, 0xe000, 0xf0000], // tag characters, variation selectors, private use
      ...[0xd800, 0xdc00], // half a character
    ];
    for (const code of barred) {
      assertEquals(
        roomFault("#a" + String.fromCodePoint(code) + "b"),
        "bad_character",
        `U+${code.toString(16)}`,
      );
    }
  },
});

Deno.test({
  name: "isRoomName goes by the prefix alone",
  permissions: "none",
  fn() {
    assertEquals(isRoomName("#"), true);
    assertEquals(isRoomName("bob"), false);
    assertEquals(isRoomName(""), false);
  },
});

Deno.test({
  name: "every fault has its sentence",
  permissions: "none",
  fn() {
    for (const text of Object.values(NAME_FAULT_TEXT)) assertEquals(/^[A-Z].*[^.]$/.test(text), true, text);
  },
});
