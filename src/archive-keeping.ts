/**
 * The archive of an opened ledger and who keeps it: what callers ask, what rewrites it, and what is done in the
 * background. A memory journal may be one of several that look at an archive, so nothing is merged there unasked.
 */
import { Archive } from './archive/archive.js'
import type { Archiver } from './archive/archiver.js'
import type { Catalog } from './archive/catalog.js'
import { Compaction } from './archive/compaction.js'
import { Retention } from './archive/retention.js'
import { Rewriter } from './archive/rewriter.js'
import { Upkeep } from './archive/upkeep.js'
import type { Fault } from './events/fault.js'
import type { ResolvedOptions } from './options.js'

export interface ArchiveKeepingPorts {
  readonly catalog: Catalog
  readonly archiver: Archiver
  readonly ledgerId: string
  readonly onFault: (fault: Fault) => void
  /** Games are gone from the archive. */
  readonly onDropped: () => void
}

export class ArchiveKeeping {
  readonly archive: Archive
  readonly rewriter: Rewriter
  readonly #upkeep: Upkeep

  constructor(options: ResolvedOptions, ports: ArchiveKeepingPorts) {
    const { catalog, onFault } = ports
    const { archive: store, games: rules, clock, retention, compaction: isCompacted } = options
    const rewriter = new Rewriter({ store, rules, ...ports })
    const compaction = new Compaction(catalog, rewriter, options)
    this.rewriter = rewriter
    this.archive = new Archive({ store, catalog, rules, rewriter, compaction, clock })
    this.#upkeep = new Upkeep(
      {
        rewriter,
        clock,
        onFault,
        ...(isCompacted && { compaction }),
        ...(retention.length > 0 && { retention: new Retention(catalog, rewriter, retention) }),
      },
      options.upkeepEveryMs,
    )
  }

  begin(): void {
    this.#upkeep.begin()
  }

  /** Before the archiver ends. What is not finished is finished after the next opening. */
  close(): void {
    this.#upkeep.close()
    this.rewriter.close()
  }
}
