/** What the guide to operations shows of metrics runs, and its table names all of them. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { openTelemetry, prometheusContentType, prometheusText } from 'gameledger'
import { expect, it } from 'vitest'
import { readExposition } from '../metrics/exposition.js'
import { measuredLedger } from '../metrics/measured-ledger.js'
import { textOf } from './documents.js'

it('a page for Prometheus is served in some lines', async () => {
  const ledger = await measuredLedger()
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', prometheusContentType)
    response.end(prometheusText(ledger.stats()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
  expect(answer.headers.get('content-type')).toBe(prometheusContentType)
  const names = readExposition(await answer.text()).map(({ name }) => name)
  await new Promise((resolve) => server.close(resolve))
  await ledger.close()

  const table = Array.from(
    textOf('docs/guide/operations.md').matchAll(/^\| `(gameledger_\w+)`/gm),
    ([, name]) => name,
  )
  expect(table).toEqual(names)
})

it('a meter of OpenTelemetry is given in one', async () => {
  const ledger = await measuredLedger()
  const provider = new MeterProvider()
  const stop = openTelemetry(provider.getMeter('my-game-server'), ledger)
  stop()
  await provider.shutdown()
  await ledger.close()
})
