/** What the simulator finds, and how it looks for it. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

export const demand = (isTrue: boolean, what: () => string): void => {
  if (!isTrue) throw new Violation(what())
}
