/** Where a process dies while it rewrites its archive (docs/formats/archive.md), and which protection it is to do without. */
export type RewritingStep =
  'note' | 'segment' | 'manifest' | 'deleting manifests' | 'deleting segments' | 'deleting the note'

export interface RewritingScript {
  readonly directory: string
  readonly work: 'compact' | 'erase'
  readonly step: RewritingStep
  readonly when: 'before' | 'after'
  /** The control: what is replaced is deleted before the manifest that replaces it stands. */
  readonly without?: 'manifest-first'
}
