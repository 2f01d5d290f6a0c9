/** Gives a whole number from 0 up to and without `max`, each equally likely. */
export type RandomInt = (max: number) => number

/** Draws `count` times; the same may come again. */
export function draw(from: readonly string[], count: number, randomInt: RandomInt): string[] {
  return Array.from({ length: count }, () => from[randomInt(from.length)] ?? '')
}
