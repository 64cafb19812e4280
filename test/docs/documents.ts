/** Reads the documents as tests see them: their code blocks, each with its info string and where it stands. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

/** README.md and all below docs/, as paths from the root. */
export const documents: readonly string[] = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
]

export interface CodeBlock {
  readonly document: string
  readonly line: number
  readonly language: string
  /** The file that the block is a part of, where it names one. */
  readonly source: string | undefined
  readonly code: string
}

/**
 * The fenced blocks of a document. A block names its source behind the language, or in a comment above it:
 * `<!-- examples/readme.ts -->`.
 */
export const codeBlocks = (document: string): readonly CodeBlock[] => {
  const text = textOf(document)
  const blocks: CodeBlock[] = []
  for (const match of text.matchAll(
    /(?:^<!-- (\S+) -->\n+)?^```([a-z]+)(?: ([^\s`]+))?\n([\s\S]*?)^```$/gm,
  )) {
    const [, commented, language = '', named, code = ''] = match
    const line = text.slice(0, match.index).split('\n').length
    blocks.push({ document, line, language, source: named ?? commented, code })
  }
  return blocks
}
