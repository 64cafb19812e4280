/** What the command lines of the proofs share: misuse ends them with 2, and says what is wrong. */

/** Prints a line. */
export const say = (line: string): void => void process.stdout.write(`${line}\n`)

export const misuse = (message: string): never => {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}

/** The whole number that was given as `--name`. */
export const whole = (text: string, name: string, least = 0): number => {
  const value = Number(text)
  return Number.isSafeInteger(value) && value >= least
    ? value
    : misuse(`--${name} must be a whole number from ${least}; got ${text}.`)
}
