/** Figures in few characters. */

/** Three digits: `1.23`, `45.6`, `789`, `12.3k`, `4.56M`. */
export function formatFigure(value: number): string {
  if (!Number.isFinite(value)) return "-";
  for (const [unit, factor] of [["G", 1e9], ["M", 1e6], ["k", 1e3]] as const) {
    if (value >= factor * 0.9995) return threeDigits(value / factor) + unit;
  }
  return threeDigits(value);
}

/** `0.42 ms`, `12.3 ms`, `11.0 s`; `-`: there is none. */
export function formatMs(ms: number | undefined): string {
  if (ms === undefined || !Number.isFinite(ms)) return "-";
  return ms >= 999.5 ? `${formatFigure(ms / 1000)} s` : `${formatFigure(ms)} ms`;
}

function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** The message of an error that the system or the runtime has thrown. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
