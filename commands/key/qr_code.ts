/** A QR code in the characters of a terminal, two rows of it in a line. */

/** Light modules around the code: ISO/IEC 18004 asks for four; readers of screens need two. */
const QUIET_MODULES = 2;

/** Black on bright white (ECMA-48 SGR), whatever the terminal's own colours are, and its own colours again. */
const BLACK_ON_WHITE = "\x1b[30;107m";
const OWN_COLORS = "\x1b[0m";

/**
 * The lines of the QR code of `text`, with light around it; undefined: it takes more than `columns`. With
 * `hasColor` in black and white, otherwise in the colour of the text, for light text on a dark ground.
 */
export async function drawQrCode(
  text: string,
  columns: number,
  hasColor: boolean,
): Promise<string[] | undefined> {
  const { encode } = await import("uqr"); // only where a code is drawn
  const { data } = encode(text, { ecc: "L", border: QUIET_MODULES });
  return data.length > columns ? undefined : drawModules(data, hasColor);
}

/** `modules`: rows, true where the code is dark. */
export function drawModules(modules: readonly (readonly boolean[])[], hasColor: boolean): string[] {
  return Array.from({ length: Math.ceil(modules.length / 2) }, (_, nth) => {
    const [upper = [], lower = []] = modules.slice(2 * nth, 2 * nth + 2);
    // Without colour what is light is drawn.
    const cells = upper.map((isDark, at) => block(isDark === hasColor, (lower[at] ?? false) === hasColor));
    return hasColor ? `${BLACK_ON_WHITE}${cells.join("")}${OWN_COLORS}` : cells.join("");
  });
}

function block(isUpper: boolean, isLower: boolean): string {
  if (isUpper) return isLower ? "█" : "▀";
  return isLower ? "▄" : " ";
}
