/**
 * A command on a terminal: a pseudo terminal by `script` (util-linux, on every Debian), and a reader of what was drawn on it
 * that knows the few sequences that the live screen uses, and throws for any other.
 */
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { main } from './command.js'

export interface Drawn {
  /** Everything that was written to the terminal. */
  readonly text: string
  readonly exit: number | null
}

export interface OnTerminal {
  readonly rows: number
  readonly columns: number
  readonly env?: NodeJS.ProcessEnv
  /** Where the pid of the command is put. */
  readonly folder: string
  /** Hears of all that was drawn so far, and of the pid of the command. */
  readonly watch?: (text: string, pid: () => Promise<number>) => void
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

export const onTerminal = (
  args: readonly string[],
  { rows, columns, env = {}, folder, watch }: OnTerminal,
): Promise<Drawn> =>
  new Promise((resolve, reject) => {
    // A person's terminal: Node takes one where `CI` is set for one without colours.
    const person = { TERM: 'xterm-256color', NO_COLOR: undefined, FORCE_COLOR: undefined, CI: undefined }
    const pidFile = join(folder, 'pid')
    const command =
      `stty rows ${rows} cols ${columns}; echo $$ > ${quoted(pidFile)}; ` +
      `exec ${[process.execPath, main, ...args].map(quoted).join(' ')}`
    const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...person, ...env },
    })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part
      watch?.(text, async () => Number(await readFile(pidFile, 'utf8')))
    })
    child.on('error', reject)
    child.on('close', (exit) => resolve({ text, exit }))
  })

export const otherScreen = { enter: '\u001b[?1049h\u001b[?25l', leave: '\u001b[?25h\u001b[?1049l' } as const
const frameBegin = '\u001b[?2026h\u001b[H'
const frameEnd = '\u001b[J\u001b[?2026l'

/** The frames of a live screen, as lines without styles. @throws where anything else was drawn between them */
export const framesOf = (text: string): readonly (readonly string[])[] => {
  const from = text.indexOf(otherScreen.enter) + otherScreen.enter.length
  const drawn = text.slice(from, text.indexOf(otherScreen.leave))
  const frames = drawn.split(frameBegin).slice(1)
  return frames.map((frame) => {
    if (!frame.endsWith(frameEnd)) throw new Error(`Drawn between two frames: ${JSON.stringify(frame)}`)
    const lines = frame.slice(0, -frameEnd.length).split(/\r*\n/)
    if (!lines.every((line) => line.endsWith('\u001b[K')))
      throw new Error('The rest of a line is not cleared.')
    const plain = lines.map((line) => stripVTControlCharacters(line))
    // eslint-disable-next-line no-control-regex -- control characters are what must not be left
    if (plain.some((line) => /[\u0000-\u001f]/.test(line))) throw new Error('A sequence is not known.')
    return plain
  })
}
