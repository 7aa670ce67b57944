/** A measured value for JSON: four digits are more than any of them is good for. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
