/** The colours of names. The same name, in whatever case, has the same one. Pure. */

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/**
 * Eight hues, away from those of alarms (red), rooms (cyan) and direct messages (magenta). Each has a contrast of 4.5:1
 * or more (WCAG 2.2, 1.4.3) on black and on white, for it is unknown which of them is behind it.
 */
export const NAME_COLORS: readonly Rgb[] = [
  [183, 93, 15],
  [138, 116, 7],
  [57, 133, 30],
  [7, 133, 102],
  [16, 121, 197],
  [80, 102, 246],
  [158, 77, 226],
  [201, 69, 117],
];

/** Of xterm's 256 colours, those with that contrast: no others have it but grey and magenta. */
export const NAME_COLOR_INDEXES: readonly number[] = [29, 63, 98, 131];

/** One of `colors`, by the hash of the folded name. */
export function pickNameColor<Color>(name: string, colors: readonly Color[]): Color {
  return colors[hashName(name.normalize("NFKC").toLowerCase()) % colors.length]!;
}

/** FNV-1a over UTF-16 code units. */
function hashName(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
