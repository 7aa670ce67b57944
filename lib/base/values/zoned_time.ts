/** Time zones by their IANA names. */

/** Name of the time zone of this machine, or of `TZ`; UTC where that is none, as for the C library. */
export function localTimeZone(): string {
  const zone = Temporal.Now.timeZoneId();
  return isTimeZone(zone) ? zone : "UTC";
}

export function isTimeZone(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return !/^[+-]/.test(zone); // an offset, which knows no summer
  } catch {
    return false;
  }
}

/** `2026-01-02 09:00 Europe/Berlin` for `time`, milliseconds since the epoch. Throws RangeError for a zone that is none. */
export function formatZonedTime(time: number, zone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(zone);
  return `${local.toPlainDate()} ${local.toPlainTime().toString({ smallestUnit: "minute" })} ${zone}`;
}
