/**
 * The entries of docs/errors.md, which ships with the package: the one place where the codes are explained.
 *
 *     ## `code`, `another`           the codes that it is about
 *
 *     What has happened. More.       its first sentence stands in the list of all codes
 *
 *     **Where:** ...  **Why:** ...  **What to do:** ...      one paragraph each
 */
import { readFile } from 'node:fs/promises'

/** What there is to say about a code, as plain text. */
export interface ErrorEntry {
  /** More than one where the same holds for all of them. */
  readonly codes: readonly string[]
  readonly what: string
  /** Where it is met: thrown, answered, reported; and the exit code of the command line. */
  readonly where: string
  readonly why: string
  readonly advice: string
}

const page = new URL('../../docs/errors.md', import.meta.url)

/** A paragraph of Markdown as plain text: on one line, without marks. */
const plain = (paragraph: string): string =>
  paragraph
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[`*]/g, '')
    .trim()

const labelled = (paragraphs: readonly string[], label: string): string =>
  plain(paragraphs.find((one) => one.startsWith(`**${label}:**`))?.slice(label.length + 5) ?? '')

/** The entries of a page, in its order. */
export const readEntries = (markdown: string): readonly ErrorEntry[] =>
  markdown
    .split(/^## (?=`)/m)
    .slice(1)
    .map((section) => {
      const [head = '', ...paragraphs] = section.trim().split(/\n{2,}/)
      return {
        codes: Array.from(head.matchAll(/`([^`]+)`/g), ([, code = '']) => code),
        what: plain(paragraphs[0] ?? ''),
        where: labelled(paragraphs, 'Where'),
        why: labelled(paragraphs, 'Why'),
        advice: labelled(paragraphs, 'What to do'),
      }
    })

/** The entries that ship with this version. */
export const errorEntries = async (): Promise<readonly ErrorEntry[]> =>
  readEntries(await readFile(page, 'utf8'))

/** The first sentence of what has happened. */
export const headlineOf = ({ what }: ErrorEntry): string => /^.*?[.](?= |$)/.exec(what)?.[0] ?? what
