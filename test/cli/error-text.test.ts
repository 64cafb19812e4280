import { describe, expect, it } from 'vitest'
import { errorText, faultText } from '../../src/cli/error-text.js'
import { CommandError, exitCode } from '../../src/cli/exit-code.js'

const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code })

describe('an error in a terminal', () => {
  it('names its code once, then what has happened, then what to do', () => {
    const error = coded(
      'corrupt-manifest',
      'corrupt-manifest: a/1.json is damaged. Nothing was changed. Copy it.',
    )
    expect(errorText(error, './data')).toBe(
      'error corrupt-manifest: a/1.json is damaged.\n  Nothing was changed. Copy it.',
    )
  })

  it('says what to run where the message leaves that open, with the directory of the command', () => {
    const error = coded('data-dir-locked', 'data-dir-locked: d/journal is in use by pid 7. Stop it.')
    expect(errorText(error, "my 'd").split('\n')).toEqual([
      'error data-dir-locked: d/journal is in use by pid 7.',
      '  Stop it.',
      "  Look: gameledger doctor --data 'my '\\''d'     Mend: gameledger unlock --data 'my '\\''d'",
    ])
    expect(errorText(error, undefined)).not.toContain('Look')
  })

  it('says what to do about what only the system names', () => {
    expect(errorText(coded('ENOENT', "ENOENT: no such file or directory, stat 'x'"), undefined)).toBe(
      "error ENOENT: no such file or directory, stat 'x'.\n  Check the path.",
    )
  })

  it('goes by the code of its cause where it has none', () => {
    const error = new Error('Could not put a into b: EACCES: denied', { cause: coded('EACCES', 'denied') })
    expect(errorText(error, undefined)).toMatch(
      /^error EACCES: Could not put a into b: .*\n {2}Run the command as/,
    )
  })

  it('shows the stack of what nobody expected, and only of that', () => {
    expect(errorText(new RangeError('odd'), undefined)).toMatch(/^error unexpected: RangeError: odd\n +at /)
    expect(errorText('odd', undefined)).toBe('error unexpected: odd')
    expect(errorText(new CommandError('no-data', exitCode.notFound, 'None. Make one.'), undefined)).toBe(
      'error no-data: None.\n  Make one.',
    )
  })

  it('cannot steer the terminal', () => {
    expect(errorText(coded('no-data', '\u001b[2Jgone.'), undefined)).not.toContain('\u001b')
    expect(faultText({ code: 'subscriber-threw', message: 'a\u0007b.' })).toBe(
      'warn subscriber-threw: a\\u0007b.',
    )
  })
})

it.each([
  ['archive-unavailable', 'warn'],
  ['storage-full', 'error'],
  ['journal-failed', 'error'],
  ['storage-free', 'ok'],
])('a fault %s is told in the same way, as %s', (code, level) => {
  expect(faultText({ code, message: 'No room. Free 16 MiB or more.' })).toBe(
    `${level} ${code}: No room.\n  Free 16 MiB or more.`,
  )
})
