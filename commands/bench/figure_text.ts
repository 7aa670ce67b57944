/** Figures in few characters. */

/** Three digits: `1.23`, `45.6`, `789`, `12.3k`, `4.56M`. */
export function formatFigure(value: number): string {
  if (!Number.isFinite(value)) return "-";
  for (const [unit, factor] of [["G", 1e9], ["M", 1e6], ["k", 1e3]] as const) {
    if (value >= factor * 0.9995) return threeDigits(value / factor) + unit;
  }
  return threeDigits(value);
}

function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** The message of an error that the system or the runtime has thrown. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
