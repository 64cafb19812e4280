/** A projection with pages, for a player that saves all the time and is killed: every event is on one page. */
import type { PageId, Projection } from 'gameledger'

const eventsEach = 20
/** So large that many a kill comes in the middle of a file. */
const padding = 'x'.repeat(200_000)

interface Model {
  readonly pages: PageId[]
  /** Positions that are on no page yet. */
  rest: number[]
}

export interface PagingView {
  /** Every position that was heard, in order. @throws PageLostError */
  positions(): Promise<readonly number[]>
}

export const paging: Projection<PagingView> = {
  version: 'paging-1',
  start: ({ pages }) => {
    let model: Model = { pages: [], rest: [] }
    return {
      view: {
        positions: async () => {
          const told = await Promise.all(model.pages.map((page) => pages!.read(page)))
          return [
            ...told.flatMap((bytes) => (JSON.parse(Buffer.from(bytes).toString()) as Model).rest),
            ...model.rest,
          ]
        },
      },
      apply: ({ position }) => {
        model.rest.push(position)
        if (model.rest.length < eventsEach) return
        model.pages.push(pages!.put(Buffer.from(JSON.stringify({ rest: model.rest, padding }))))
        model.rest = []
      },
      save: () => Buffer.from(JSON.stringify({ ...model, padding: padding.repeat(5) })),
      pages: () => [...model.pages],
      load: (saved) => {
        const { pages: named, rest } = JSON.parse(Buffer.from(saved).toString()) as Model
        model = { pages: named, rest }
      },
    }
  },
}
