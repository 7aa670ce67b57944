import { assertEquals } from "@std/assert";
import { NAME_COLOR_INDEXES, NAME_COLORS, pickNameColor } from "../../lib/cli/name_colors.ts";
import type { Rgb } from "../../lib/cli/name_colors.ts";
import { pureTest } from "../support/test.ts";

/** WCAG 2.2, "relative luminance". */
function luminance(color: Rgb): number {
  const [r, g, b] = color.map((value) => {
    const part = value / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

/** The lower one of the contrasts with black and with white. */
function leastContrast(color: Rgb): number {
  const light = luminance(color) + 0.05;
  return Math.min(light / 0.05, 1.05 / light);
}

/** Of xterm's 6 × 6 × 6 colours, the one with this index. */
function cubeColor(index: number): Rgb {
  const levels = [0, 95, 135, 175, 215, 255];
  const cell = index - 16;
  return [levels[Math.floor(cell / 36)]!, levels[Math.floor(cell / 6) % 6]!, levels[cell % 6]!];
}

/** 0 to 360. */
function hue([r, g, b]: Rgb): number {
  const [max, range] = [Math.max(r, g, b), Math.max(r, g, b) - Math.min(r, g, b)];
  const turn = max === r ? (g - b) / range : max === g ? 2 + (b - r) / range : 4 + (r - g) / range;
  return (turn * 60 + 360) % 360;
}

pureTest("names: each of their colours can be read on black and on white (4.5:1)", () => {
  const colors = [...NAME_COLORS, ...NAME_COLOR_INDEXES.map(cubeColor)];
  assertEquals(colors.length, 12);
  assertEquals(colors.filter((color) => leastContrast(color) < 4.5), []);
});

pureTest(
  "names: of the 256 colours no others have that contrast, but grey and the magenta of direct messages",
  () => {
    const cube = Array.from({ length: 216 }, (_, cell): [number, Rgb] => [cell + 16, cubeColor(cell + 16)]);
    const greys = Array.from({ length: 24 }, (_, step): [number, Rgb] => {
      const level = 8 + 10 * step;
      return [232 + step, [level, level, level]];
    });
    const legible = [...cube, ...greys].filter(([, color]) => leastContrast(color) >= 4.5);
    assertEquals(legible.map(([index]) => index), [...NAME_COLOR_INDEXES, 163, 243]);
  },
);

pureTest("names: eight hues that differ, and are none of those with a meaning", () => {
  const hues = NAME_COLORS.map(hue).sort((a, b) => a - b);
  assertEquals(hues.length, 8);
  const distance = (a: number, b: number) => Math.min(Math.abs(a - b), 360 - Math.abs(a - b));
  hues.forEach((one, i) => assertEquals(distance(one, hues[(i + 1) % 8]!) >= 20, true, `${hues}`));
  const meanings = { alarm: 0, room: 180, direct: 300 };
  for (const [what, at] of Object.entries(meanings)) {
    assertEquals(hues.filter((one) => distance(one, at) < 14), [], what);
  }
});

pureTest("names: a name has the same colour in whatever case, and names have all of them", () => {
  const pick = (name: string) => pickNameColor(name, NAME_COLORS);
  assertEquals([pick("Alice"), pick("ÉLISE"), pick("ＢＯＢ")], [pick("alice"), pick("élise"), pick("bob")]);
  const counts = new Map<Rgb, number>();
  for (let i = 0; i < 800; i++) counts.set(pick(`user${i}`), (counts.get(pick(`user${i}`)) ?? 0) + 1);
  assertEquals([counts.size, [...counts.values()].filter((count) => count < 50)], [8, []]);
});
