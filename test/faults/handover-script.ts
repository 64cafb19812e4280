/** Where a process dies in the handover of a batch (docs/formats/archive.md), and which protection it is to do without. */
export type HandoverStep = 'intent' | 'segment' | 'read back' | 'manifest' | 'committed' | 'release'

export interface HandoverScript {
  readonly directory: string
  /** Games of different lives have different ids. */
  readonly life: number
  readonly step: HandoverStep
  readonly when: 'before' | 'after'
  /** Of which batch of this life. @default 2 */
  readonly batch?: number
  /** How many games are played. @default 14 */
  readonly games?: number
  /**
   * The controls: the segment is put behind its manifest, or never; the manifest is believed to stand, and does not, when the
   * journal forgets the games.
   */
  readonly without?: 'segment-first' | 'manifest-gate'
}
